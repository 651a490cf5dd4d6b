"""scs-0101: a guest has enough entropy, seen by a guest with cloud-init."""

from allmende.checks.catalog import check
from allmende.checks.working import shown
from allmende.facts.openstack_work import GuestRandomness
from allmende.outcome import Evidence, Finding, failed, passed, undetermined

POOL_BITS = 256
ABORT = "The public test suite reports ABORT here."
MOST_FAILURES = 5
"""The text says fewer than 5 of 1000; the public suite lets 5 pass, and a mandatory result follows it."""


@check("scs-0101-entropy-avail")
def the_pool_of_a_guest_is_full(guest: GuestRandomness) -> Finding:
    """A guest of a public Debian or Ubuntu image says that it has 256 bits of entropy, the full pool since Linux 5.18.

    The guest is started with the smallest flavor that fits, on a network of its own, and removed again. When it does
    not start or says nothing, it is not determined: the end of its console is shown.
    """
    if guest.entropy_avail is None:
        return told_nothing(guest, ABORT)
    evidence = [
        Evidence(
            subject="entropy_avail of the guest",
            seen=f"{guest.entropy_avail} (kernel {guest.kernel})",
            demanded=str(POOL_BITS),
            ok=guest.entropy_avail == POOL_BITS,
        )
    ]
    if guest.entropy_avail == POOL_BITS:
        return passed(f"{the_guest(guest)} has the full pool of {POOL_BITS} bits.", evidence, notes=_notes(guest))
    return failed(
        f"{the_guest(guest)} has {guest.entropy_avail} bits of entropy, not {POOL_BITS}.", evidence, notes=_notes(guest)
    )


@check("scs-0101-fips-test")
def random_numbers_of_a_guest_pass_fips_140_2(guest: GuestRandomness) -> Finding:
    """Of 1000 blocks that a guest reads from /dev/random at most 5 fail the FIPS 140-2 test.

    The guest takes `rngtest` where it has it, else the same test written in Python. The text says fewer than 5; the
    public test suite lets 5 pass, so 5 is a pass with a note.
    """
    if guest.blocks is None or guest.failures is None:
        return told_nothing(guest, ABORT)
    evidence = [
        Evidence(
            subject=f"FIPS 140-2 test of {guest.blocks} blocks, by {guest.tested_by}",
            seen=f"{guest.failures} failures",
            demanded=f"at most {MOST_FAILURES}",
            ok=guest.failures <= MOST_FAILURES,
        )
    ]
    notes = list(_notes(guest))
    if guest.failures == MOST_FAILURES:
        notes.append("The text of the standard says fewer than 5; the public test suite, followed here, lets 5 pass.")
    if guest.failures <= MOST_FAILURES:
        return passed(f"{the_guest(guest)}: {guest.failures} of {guest.blocks} blocks failed.", evidence, notes=notes)
    return failed(f"{the_guest(guest)}: {guest.failures} of {guest.blocks} blocks failed.", evidence, notes=notes)


@check("scs-0101-rngd")
def a_service_feeds_the_entropy_of_a_guest(guest: GuestRandomness) -> Finding:
    """In the guest a service `rngd` is active. Version 1.1 of the standard no longer recommends it."""
    if not guest.rngd:
        return told_nothing(guest, ABORT)
    is_active = guest.rngd == "active"
    evidence = [Evidence(subject="service rngd of the guest", seen=guest.rngd, demanded="active", ok=is_active)]
    words = f"{the_guest(guest)}: the service rngd is {guest.rngd}."
    return passed(words, evidence) if is_active else failed(words, evidence)


def the_guest(guest: GuestRandomness) -> str:
    """Return what the guest is made of, as the subject of a sentence."""
    return f"A guest of «{guest.image}» with the flavor «{guest.flavor}»"


def _notes(guest: GuestRandomness) -> tuple[str, ...]:
    return (guest.earlier,) if guest.earlier else ()


def told_nothing(guest: GuestRandomness, *notes: str) -> Finding:
    """Return that a guest did not come so far as to say what was to be seen, with the end of its console."""
    failure = guest.attempts.failure
    reason = f"{failure.what}: {failure.seen}".rstrip(".") if failure else "it ended without saying this"
    console = Evidence(subject="end of the guest's console", seen=guest.console, ok=False)
    evidence = [*([console] if guest.console else []), *shown(guest.attempts)]
    return undetermined(f"{the_guest(guest)} told nothing: {reason}.", evidence, notes=(*_notes(guest), *notes))
