"""Defects that show only where somebody works in the cloud: guests, backups, secrets, rights."""

from collections.abc import Iterator
from dataclasses import replace

from allmende.testing.defects.model import Defect, Strike
from allmende.testing.guest import HEALTHY, saying
from allmende.testing.openstack import FakeOpenStack


def defects() -> Iterator[Defect]:
    """Yield a defect for every testcase for which something is created."""
    yield from (
        replace(defect, run="work that goes wrong") for defect in (*_of_guests(), *_of_storage(), *_of_rights())
    )
    yield Defect(
        testcase="scs-0117-restored-bytes",
        sentence="Backups are restored to volumes that hold other bytes.",
        strike=lambda fake: setattr(fake.state, "restores_garbage", True),
        offender="bytes of the restored volume",
        seen="other bytes",
        run="work that seems to go well",
    )


def _of_guests() -> Iterator[Defect]:
    """Yield what a weak guest says; each defect makes it weak in everything."""
    for testcase, sentence, offender, seen in (
        ("entropy-avail", "Guests have 47 bits of entropy.", "entropy_avail of the guest", "47"),
        ("fips-test", "Of the random numbers of guests, 9 of 1000 blocks fail.", "FIPS 140-2 test", "9 failures"),
        ("rngd", "In guests the service rngd is not active.", "service rngd of the guest", "inactive"),
    ):
        yield Defect(testcase=f"scs-0101-{testcase}", sentence=sentence, strike=_weaken, offender=offender, seen=seen)


def _weaken(fake: FakeOpenStack) -> None:
    fake.prints(lambda _: saying(**{**HEALTHY, "entropy_avail": "47", "failures": 9, "rngd": "inactive"}))


def _of_storage() -> Iterator[Defect]:
    yield Defect(
        testcase="scs-0117-test-backup",
        sentence="Backups of volumes end in error.",
        strike=lambda fake: fake.goes_wrong("backup", words="the driver lost its way"),
        offender="step «wait until the backup is available»",
        seen="the driver lost its way",
    )
    yield Defect(
        testcase="scs-0116-permissions",
        sentence="Project members may not keep secrets in the key manager.",
        strike=lambda fake: fake.refuse("POST", "/secrets", message="Secrets are for others."),
        offender="step «store a secret»",
        seen="Secrets are for others.",
    )


def _of_rights() -> Iterator[Defect]:
    for testcase, sentence, strike, offender, seen in (
        ("scs-0126-no-own-provider-networks", "Members may ask for networks of a provider's type.",
         _members_may("provider"), "create a network of a provider's type", "not supported"),
        ("scs-0126-rbac-restricted", "Members may share networks with others.",
         _members_may("share"), "share a network", "done"),
        ("scs-0127-internal-names", "Ports are entered under names made from their addresses.",
         lambda fake: setattr(fake.state.provision, "dns_domain", None), "address ", "host-10-98-76-"),
        ("scs-0302-manages-own-domain", "Domain managers may not create groups.",
         lambda fake: fake.state.provision.managers_may_not.add("groups"), "create a group", "not authorized"),
        ("scs-0302-keeps-to-own-domain", "Domain managers see all domains in lists.",
         _managers_may("look"), "of another domain in the list", "such as"),
        ("scs-0302-grants-no-admin", "Domain managers may grant the role admin.",
         _managers_may("admin"), "grant the role admin", "done"),
    ):  # fmt: skip
        yield Defect(testcase=testcase, sentence=sentence, strike=strike, offender=offender, seen=seen)


def _members_may(what: str) -> Strike:
    return lambda fake: fake.state.provision.members_may.add(what)


def _managers_may(what: str) -> Strike:
    return lambda fake: fake.state.provision.managers_may.add(what)
