"""scs-0116: a key manager is offered, and an ordinary member can use it."""

from allmende.checks.catalog import check
from allmende.checks.services import in_catalog
from allmende.checks.working import ended, shown
from allmende.facts.openstack import Catalog, Member
from allmende.facts.openstack_work import SecretWork
from allmende.outcome import Evidence, Finding, Unavailable, failed, passed, undetermined

TYPE = "key-manager"
POWERFUL = frozenset({"admin", "manager"})


@check("scs-0116-presence")
def a_key_manager_is_in_the_catalog(catalog: Catalog) -> Finding:
    """The catalog has a service of type key-manager with a public endpoint in this region."""
    return in_catalog(catalog, [TYPE])


@check("scs-0116-permissions")
def a_member_keeps_secrets(catalog: Catalog, member: Member, work: SecretWork | Unavailable) -> Finding:
    """A member, with no powerful role, stores a secret, finds it in the list, and reads it back; it is removed again.

    A key manager is recommended, not demanded: where the catalog has none there is nothing to permit, which the
    standard allows and the summary says. Whoever is more than a member proves nothing about members.
    """
    if catalog.items and not any(entry.type == TYPE for entry in catalog.items):
        return passed(
            "The cloud offers no key manager, so there is nothing that a member would need permission for.",
            notes=["A key manager is recommended (scs-0116-presence), and nothing was tried."],
        )
    if powerful := sorted(member.roles & POWERFUL):
        return undetermined(f"The user has the role {powerful[0]}, which proves nothing about an ordinary member.")
    if isinstance(work, Unavailable):
        return undetermined(f"No secret could be stored: {work.reason}")
    if unfinished := ended(work.attempts, "A member cannot keep secrets"):
        return unfinished
    evidence = [*shown(work.attempts)]
    if work.is_same:
        return passed("A member stored a secret, found it and read it back.", evidence)
    other = Evidence(subject="secret", seen="other bytes than were stored", demanded="as stored", ok=False)
    return failed("The key manager gives back another secret than was stored.", [other, *evidence])
