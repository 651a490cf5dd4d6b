"""GovStack, building block Cloud Infrastructure: what an ordinary member of a project can try of its requirements.

The specification speaks of any cloud; what it means for OpenStack's APIs is decided here. Backups, secrets and S3 are
judged from the work that is done for SCS.
"""

import re
from datetime import timedelta

from allmende.checks.catalog import check
from allmende.checks.entropy import the_guest, told_nothing
from allmende.checks.evidence import counted
from allmende.checks.key_manager import TYPE, a_member_keeps_secrets
from allmende.checks.services import in_catalog, the_object_store_speaks_s3
from allmende.checks.volume_backup import a_volume_is_backed_up_and_restored
from allmende.checks.working import ended, shown
from allmende.facts.attempts import Ending
from allmende.facts.govstack import (
    BE_ISSUED,
    CREATE_NETWORK,
    CREATE_PORT,
    CREATE_SUBNET,
    MAKE_CREDENTIAL,
    SIGN_IN,
    USE_IT,
    FloatingAddressWork,
    ImageUploadWork,
    LoadBalancerWork,
    ReaderWork,
    SecurityGroupWork,
    ServerGroupWork,
    SnapshotWork,
    StackWork,
    TokenWork,
)
from allmende.facts.openstack import Catalog, Member, S3Probe
from allmende.facts.openstack_work import CREATE_VOLUME, VOLUME_READY, BackupWork, GuestRandomness, S3Work, SecretWork
from allmende.facts.zones import AvailabilityZones
from allmende.outcome import Evidence, Finding, Outcome, Unavailable, failed, passed, undetermined

LONGEST_LIFETIME = timedelta(days=1)
NOT_FOUND = 404
READER = "reader"
_LOGIN = re.compile(r"\blogin:", re.IGNORECASE)
_BY_OTHER_MEANS = (
    "The specification demands no orchestration service: OpenTofu and Terraform describe the same infrastructure and "
    "use the APIs of the other services, which other testcases try."
)


@check("govstack-token-lifetime")
def a_token_lives_a_day_at_most(work: TokenWork) -> Finding:
    """A token of the member's own credential expires a day after it was issued, or earlier."""
    if work.lifetime is None:
        return ended(work.attempts, "No token was issued", preparing=_steps(work)) or undetermined("No token was seen.")
    evidence = Evidence(
        subject="lifetime of a token",
        seen=_hours(work.lifetime),
        demanded="24 hours at most",
        ok=work.lifetime <= LONGEST_LIFETIME,
    )
    words = f"A token is valid for {_hours(work.lifetime)}"
    return passed(f"{words}.", [evidence]) if evidence.ok else failed(f"{words}, more than a day.", [evidence])


@check("govstack-token-revocation")
def a_revoked_token_is_refused(work: TokenWork) -> Finding:
    """A token is issued for this alone, used and revoked; then keystone refuses it (401) within 10 seconds.

    The token that the run works with is another one and is not touched.
    """
    return ended(work.attempts, "A token cannot be revoked", preparing=(BE_ISSUED, USE_IT)) or passed(
        "A token was used and revoked, and then refused.", shown(work.attempts)
    )


@check("govstack-reader-role")
def a_reader_changes_nothing(work: ReaderWork, member: Member) -> Finding:
    """An application credential with the role reader alone lists things, and may create none.

    It lists networks, servers and volumes, and tries to create a network, a server group and a volume. It is removed
    again, and so is what it should not have created. Whoever may not make application credentials learns nothing about
    the role, unless the cloud says that there is none.
    """
    failure = work.attempts.failure
    if failure and failure.what == MAKE_CREDENTIAL and failure.status == NOT_FOUND and READER in failure.seen:
        return failed(f"There is no role {READER}: {failure.seen.rstrip('.')}.", shown(work.attempts))
    if unfinished := ended(
        work.attempts, "The role reader does not give read-only access", preparing=(MAKE_CREDENTIAL, SIGN_IN)
    ):
        return unfinished
    held = f"The token of the member names {', '.join(sorted(member.roles)) or 'no role'}."
    return passed(
        "With the role reader networks, servers and volumes are seen, and none is created.",
        shown(work.attempts),
        notes=[held],
    )


@check("govstack-image-upload")
def a_member_uploads_an_image(work: ImageUploadWork) -> Finding:
    """A member uploads 1 MiB to a private image, which becomes active, and downloads the same bytes.

    The bytes are random. An active image is one that guests can boot from; none is booted. The image is removed again.
    """
    if unfinished := ended(work.attempts, "A member cannot upload an image"):
        return unfinished
    evidence = shown(work.attempts)
    if work.is_same:
        return passed(f"An image of {work.size_bytes} bytes was uploaded, active, and read back.", evidence)
    other = Evidence(subject="image", seen="other bytes than were uploaded", demanded="as uploaded", ok=False)
    return failed("The image service gives back other bytes than were uploaded.", [other, *evidence])


@check("govstack-user-data")
def a_guest_uses_its_user_data(guest: GuestRandomness) -> Finding:
    """A guest of a public Debian or Ubuntu image says on its console that it ran the script in its user data.

    It is the guest of scs-0101; no other is started. A guest that boots up to its login without a word of the script
    fails; one that does not come so far leaves it undetermined.
    """
    if guest.kernel or guest.entropy_avail is not None or guest.blocks is not None:
        ran = Evidence(subject="script in the user data", seen="ran and wrote to the console", demanded="run at boot")
        return passed(
            f"{the_guest(guest)} ran the script of its user data.", [ran], notes=filter(None, [guest.earlier])
        )
    failure = guest.attempts.failure
    if failure and failure.ending is Ending.LATE and _LOGIN.search(guest.console):
        console = Evidence(subject="end of the guest's console", seen=guest.console, demanded="a word of it", ok=False)
        evidence = [console, *(item for item in shown(guest.attempts) if item.ok)]
        return failed(f"{the_guest(guest)} booted up to its login, and did not run its user data.", evidence)
    return told_nothing(guest)


@check("govstack-server-groups")
def guests_can_be_kept_together_and_apart(work: ServerGroupWork) -> Finding:
    """A server group with affinity and one with anti-affinity are created, show their policy, and are removed.

    No guests are started in them: whether the scheduler obeys is not looked at.
    """
    return ended(work.attempts, "A member cannot use server groups") or passed(
        "Server groups with affinity and anti-affinity were created.", shown(work.attempts)
    )


@check("govstack-availability-zones")
def guests_can_be_spread_over_zones(zones: AvailabilityZones) -> Finding:
    """The Compute API lists at least two availability zones that take orders; the specification wishes for three.

    The zones are those that are looked at for scs-0121. Whether they are independent of each other is for people to
    judge.
    """
    if not zones.compute:
        return undetermined("The zones of compute are not shown to a member, not even the default one.")
    open_zones = sorted({zone.name for zone in zones.compute if zone.is_available})
    evidence = Evidence(
        subject="compute zones that take orders",
        seen=", ".join(open_zones) or "none",
        demanded="two or more, better three",
        ok=len(open_zones) > 1,
    )
    if not evidence.ok:
        return failed(f"Guests cannot be spread: {counted(len(open_zones), 'compute zone')} takes orders.", [evidence])
    return passed(f"Guests can be spread over {counted(len(open_zones), 'compute zone')}.", [evidence])


@check("govstack-security-groups")
def a_member_makes_security_groups(work: SecurityGroupWork) -> Finding:
    """A member creates a security group and a rule in it, sees the rule in the group, and removes both.

    No traffic is sent: whether the rule is enforced is not looked at.
    """
    return ended(work.attempts, "A member cannot use security groups") or passed(
        "A security group and a rule in it were created, seen and removed.", shown(work.attempts)
    )


@check("govstack-floating-address")
def a_port_gets_an_address_of_the_outside(work: FloatingAddressWork) -> Finding:
    """Behind a router of their own, a member attaches an address of an external network to a port, and releases it.

    A project that is shown no external network leaves it undetermined: a private cloud may be closed. No packet is
    sent.
    """
    preparing = (CREATE_NETWORK, CREATE_SUBNET, CREATE_PORT)
    return ended(work.attempts, "A port gets no address of the outside", preparing=preparing) or passed(
        f"An address of «{work.outside}» was attached to a port and released.", shown(work.attempts)
    )


@check("govstack-load-balancer")
def a_member_gets_a_load_balancer(catalog: Catalog, work: LoadBalancerWork | Unavailable) -> Finding:
    """The catalog has a service of type load-balancer, and a load balancer on a subnet of its own becomes ACTIVE.

    It is removed again. No traffic is sent through it.
    """
    offered = in_catalog(catalog, ["load-balancer"])
    if offered.outcome is not Outcome.PASS:
        return offered
    if isinstance(work, Unavailable):
        return undetermined(f"No load balancer could be tried: {work.reason}")
    by = f" by the provider {work.provider}" if work.provider else ""
    return ended(work.attempts, "A member gets no load balancer", preparing=(CREATE_NETWORK, CREATE_SUBNET)) or passed(
        f"A load balancer was made{by}, became ACTIVE and was removed.", shown(work.attempts)
    )


@check("govstack-volume-snapshot")
def a_volume_is_made_of_a_snapshot(work: SnapshotWork) -> Finding:
    """A member creates a volume of 1 GiB, a snapshot of it, and a volume from the snapshot; each becomes available.

    When there is no volume to begin with it is not determined. Everything is removed again; bytes are not compared.
    """
    return ended(
        work.attempts, "A member cannot take and use a snapshot", preparing=(CREATE_VOLUME, VOLUME_READY)
    ) or passed("A snapshot of a volume was taken, and a volume made of it.", shown(work.attempts))


@check("govstack-volume-backup")
def a_backup_is_made_and_restored(work: BackupWork) -> Finding:
    """As scs-0117-test-backup: a volume is backed up, and restored to a new one. The work is done once for both."""
    return a_volume_is_backed_up_and_restored(work)


@check("govstack-object-storage")
def objects_are_kept_by_a_standardized_api(
    probe: S3Probe | Unavailable, work: S3Work | Unavailable, catalog: Catalog
) -> Finding:
    """As scs-0123-swift-s3: the object store lists buckets to the member, or answers as S3 does. It is asked once.

    S3 is the interface that is looked at, because the specification names none.
    """
    return the_object_store_speaks_s3(probe, work, catalog)


@check("govstack-key-manager")
def secrets_are_kept(catalog: Catalog, member: Member, work: SecretWork | Unavailable) -> Finding:
    """The catalog has a service of type key-manager, and a member keeps a secret in it, as for scs-0116-permissions.

    The specification recommends it; where there is none this fails, unlike scs-0116-permissions.
    """
    offered = in_catalog(catalog, [TYPE])
    return offered if offered.outcome is not Outcome.PASS else a_member_keeps_secrets(catalog, member, work)


@check("govstack-infrastructure-as-code")
def a_template_comes_about(work: StackWork | Unavailable) -> Finding:
    """Heat applies a template with a network and a subnet; the network is there, and goes with the stack.

    Without an orchestration service in the catalog nothing is tried, and it is not determined.
    """
    if isinstance(work, Unavailable):
        return undetermined(f"No template could be applied: {work.reason}", notes=[_BY_OTHER_MEANS])
    return ended(work.attempts, "A template does not come about") or passed(
        "A template with a network and a subnet was applied and its stack deleted.", shown(work.attempts)
    )


def _steps(work: TokenWork) -> tuple[str, ...]:
    return tuple(step.what for step in work.attempts.steps)


def _hours(lifetime: timedelta) -> str:
    return f"{lifetime.total_seconds() / 3600:g} hours"
