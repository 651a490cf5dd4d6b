"""Examples for the testcases that work in the cloud: scs-0101, scs-0116-permissions and scs-0117."""

from collections.abc import Iterator
from dataclasses import replace

from allmende.facts.attempts import Attempt, Attempts, Ending
from allmende.facts.openstack import Catalog, CatalogEntry, Member
from allmende.facts.openstack_work import CREATE_VOLUME, VOLUME_READY, BackupWork, GuestRandomness, SecretWork
from allmende.outcome import Unavailable

from .examples import Example, fails, passes, undetermined

MEMBER = Member(user="alice", project="demo", roles=frozenset({"member", "reader"}))
KEY_MANAGER = Catalog(items=(CatalogEntry(type="key-manager", name="barbican", public_url="https://keys.example.org"),))
NO_KEY_MANAGER = Catalog(items=(CatalogEntry(type="identity", name="keystone", public_url="https://example.org"),))


def steps(*done: str, at: str = "", ending: Ending = Ending.DONE, seen: str = "") -> Attempts:
    """Steps that worked, and the one at which it ended."""
    worked = [Attempt(what=what, ending=Ending.DONE, seen="done", seconds=1.0) for what in done]
    last = [Attempt(what=at, ending=ending, seen=seen, seconds=2.0, request_id="req-7")] if at else []
    return Attempts(steps=(*worked, *last))


def examples() -> Iterator[Example]:
    yield from _backup()
    yield from _restored_bytes()
    yield from _secrets()
    yield from _entropy()
    yield from _fips()
    yield from _rngd()


def _backup() -> Iterator[Example]:
    testcase = "scs-0117-test-backup"
    made = (CREATE_VOLUME, VOLUME_READY, "create a backup of it")
    yield passes(testcase, "restored", BackupWork(attempts=steps(*made)), says="backed up and restored to a new one")
    for ending, words in (
        (Ending.REFUSED, "answered 404: Service cinder-backup could not be found"),
        (Ending.BROKEN, "backup b became error"),
        (Ending.LATE, "not within 180 s"),
    ):
        work = BackupWork(attempts=steps(*made[:2], at=made[2], ending=ending, seen=words))
        yield fails(testcase, f"a backup that is {ending}", work, says=f"restore a volume: {made[2]}: {words}.")
    blind = BackupWork(attempts=steps(*made[:2], at=made[2], ending=Ending.BLIND, seen="no answer"))
    yield undetermined(testcase, "no answer", blind, says="It did not come so far")
    no_volume = BackupWork(attempts=steps(at=made[0], ending=Ending.REFUSED, seen="answered 403"))
    yield undetermined(testcase, "no volume to begin with", no_volume, says="answered 403 [req-7]")


def _restored_bytes() -> Iterator[Example]:
    testcase = "scs-0117-restored-bytes"
    same = BackupWork(attempts=steps("restore"), is_same=True, compared_bytes=1024)
    yield passes(testcase, "the same", same, says="The first 1024 bytes of the restored volume are those written")
    yield fails(testcase, "garbage", replace(same, is_same=False), says="does not hold what was written")
    unseen = BackupWork(attempts=steps("restore"), why_not_compared="No image could be uploaded.")
    yield undetermined(testcase, "not compared", unseen, says="No image could be uploaded.")


def _secrets() -> Iterator[Example]:
    testcase = "scs-0116-permissions"
    made = ("store a secret", "find it in the list", "read it back")
    kept = SecretWork(attempts=steps(*made), is_same=True)
    yield passes(testcase, "kept", KEY_MANAGER, MEMBER, kept, says="stored a secret, found it and read it back")
    absent = Unavailable(reason="There is no key manager.")
    yield passes(testcase, "no key manager", NO_KEY_MANAGER, MEMBER, absent, says="and nothing was tried")
    refused = SecretWork(attempts=steps(at=made[0], ending=Ending.REFUSED, seen="answered 403: Forbidden"))
    yield fails(testcase, "forbidden", KEY_MANAGER, MEMBER, refused, says="cannot keep secrets: store a secret")
    yield fails(testcase, "another secret", KEY_MANAGER, MEMBER, replace(kept, is_same=False), says="other bytes")
    blind = SecretWork(attempts=steps(at=made[0], ending=Ending.BLIND, seen="answered 503"))
    yield undetermined(testcase, "no answer", KEY_MANAGER, MEMBER, blind, says="It did not come so far")
    admin = replace(MEMBER, roles=frozenset({"admin", "member"}))
    yield undetermined(testcase, "an administrator", KEY_MANAGER, admin, kept, says="the role admin, which proves")
    yield undetermined(testcase, "nothing tried", KEY_MANAGER, MEMBER, absent, says="No secret could be stored")


GUEST = GuestRandomness(
    attempts=steps("start a guest", "wait until it has said all"),
    image="Debian 12",
    flavor="SCS-1L-1-5",
    kernel="6.1.0",
    entropy_avail=256,
    blocks=1000,
    failures=1,
    tested_by="rngtest",
    rngd="active",
)
SILENT = GuestRandomness(
    attempts=steps("start a guest", at="wait until it has said all", ending=Ending.LATE, seen="not within 600 s"),
    image="Debian 12",
    flavor="SCS-1L-1-5",
    console="Kernel panic - not syncing",
)


def _entropy() -> Iterator[Example]:
    testcase = "scs-0101-entropy-avail"
    yield passes(testcase, "full", GUEST, says="has the full pool of 256 bits")
    earlier = replace(GUEST, earlier="With a configuration drive it did not work.")
    yield passes(testcase, "at the second try", earlier, says="With a configuration drive it did not work.")
    yield fails(testcase, "too little", replace(GUEST, entropy_avail=47), says="has 47 bits of entropy, not 256")
    yield fails(testcase, "an old kernel", replace(GUEST, entropy_avail=3700, kernel="5.4.0"), says="(kernel 5.4.0)")
    yield undetermined(testcase, "silent", SILENT, says="Kernel panic")


def _fips() -> Iterator[Example]:
    testcase = "scs-0101-fips-test"
    yield passes(testcase, "one failure", GUEST, says="1 of 1000 blocks failed")
    yield passes(testcase, "five, as the suite", replace(GUEST, failures=5), says="lets 5 pass")
    yield fails(testcase, "six", replace(GUEST, failures=6), says="6 of 1000 blocks failed")
    yield undetermined(testcase, "silent", SILENT, says="told nothing: wait until it has said all: not within 600 s")
    yield undetermined(testcase, "half said", replace(GUEST, blocks=None), says="it ended without saying this")


def _rngd() -> Iterator[Example]:
    testcase = "scs-0101-rngd"
    yield passes(testcase, "active", GUEST, says="rngd is active")
    yield fails(testcase, "inactive", replace(GUEST, rngd="inactive"), says="rngd is inactive")
    yield undetermined(testcase, "silent", SILENT, says="told nothing")
