"""Examples for GovStack's cloud infrastructure."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from allmende.facts.attempts import Attempt, Attempts, Ending
from allmende.facts.fact import Fact
from allmende.facts.govstack import (
    BE_ISSUED,
    CREATE_SUBNET,
    MAKE_CREDENTIAL,
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
from allmende.facts.openstack import Catalog, CatalogEntry, S3Probe
from allmende.facts.openstack_work import CREATE_VOLUME, VOLUME_READY, BackupWork, SecretWork
from allmende.facts.zones import AvailabilityZones, Zone
from allmende.outcome import Unavailable

from .examples import Example, fails, passes, undetermined
from .work_examples import GUEST, KEY_MANAGER, MEMBER, NO_KEY_MANAGER, SILENT, steps

BALANCERS = Catalog(items=(CatalogEntry(type="load-balancer", name="octavia", public_url="https://lb.example.org"),))
BLIND = steps("before", at="ask", ending=Ending.BLIND, seen="answered 503")
ABSENT = Unavailable(reason="It was not there.")


def examples() -> Iterator[Example]:
    yield from _tokens()
    yield from _reader()
    yield from _upload()
    yield from _user_data()
    yield from _zones()
    yield from _balancer()
    yield from _template()
    yield from _shared()
    yield from _work("govstack-server-groups", lambda a: ServerGroupWork(attempts=a), "affinity and anti-affinity")
    yield from _work("govstack-security-groups", lambda a: SecurityGroupWork(attempts=a), "created, seen and removed")
    yield from _work(
        "govstack-floating-address",
        lambda a: FloatingAddressWork(attempts=a, outside="public"),
        "«public»",
        preparing=CREATE_SUBNET,
    )
    yield from _work(
        "govstack-volume-snapshot", lambda a: SnapshotWork(attempts=a), "a volume made of it", preparing=CREATE_VOLUME
    )


def _work(testcase: str, fact: Callable[[Attempts], Fact], says: str, *, preparing: str = "") -> Iterator[Example]:
    yield passes(testcase, "all done", fact(steps("one", "other")), says=says)
    for ending in (Ending.REFUSED, Ending.BROKEN, Ending.LATE):
        ended = steps("one", at="other", ending=ending, seen="no")
        yield fails(testcase, f"a step that is {ending}", fact(ended), says="other: no.")
    yield undetermined(testcase, "no answer", fact(BLIND), says="It did not come so far: ask")
    if preparing:
        unprepared = steps(at=preparing, ending=Ending.REFUSED, seen="answered 403")
        yield undetermined(testcase, "nothing to begin with", fact(unprepared), says="answered 403")


def _tokens() -> Iterator[Example]:
    day = timedelta(days=1)
    lived = TokenWork(attempts=steps(BE_ISSUED, "revoke it"), lifetime=day)
    yield passes("govstack-token-lifetime", "a day", lived, says="valid for 24 hours")
    longer = replace(lived, lifetime=day + timedelta(seconds=1))
    yield fails("govstack-token-lifetime", "a second more", longer, says="more than a day")
    refused = TokenWork(attempts=steps(at=BE_ISSUED, ending=Ending.REFUSED, seen="answered 403"))
    yield undetermined("govstack-token-lifetime", "no token", refused, says="answered 403")
    yield undetermined("govstack-token-revocation", "no token", refused, says="answered 403")
    yield passes("govstack-token-revocation", "refused then", lived, says="and then refused")
    endless = steps("revoke it", at="wait until it is refused", ending=Ending.LATE, seen="not within 10 s")
    yield fails("govstack-token-revocation", "still taken", replace(lived, attempts=endless), says="cannot be revoked")
    forbidden = steps(USE_IT, at="revoke it", ending=Ending.REFUSED, seen="answered 403")
    yield fails("govstack-token-revocation", "forbidden", replace(lived, attempts=forbidden), says="revoke it")


def _reader() -> Iterator[Example]:
    testcase = "govstack-reader-role"
    done = ReaderWork(attempts=steps(MAKE_CREDENTIAL, "be refused a network as reader"))
    yield passes(testcase, "reads only", done, MEMBER, says="names member, reader")
    wrote = steps(MAKE_CREDENTIAL, at="be refused a network as reader", ending=Ending.BROKEN, seen="it was created")
    yield fails(testcase, "writes", ReaderWork(attempts=wrote), MEMBER, says="it was created")
    blind = steps(MAKE_CREDENTIAL, at="read networks as reader", ending=Ending.REFUSED, seen="answered 403")
    yield fails(testcase, "reads nothing", ReaderWork(attempts=blind), MEMBER, says="read networks as reader")
    yield undetermined(testcase, "no credential", _not_made(403, "answered 403: Forbidden"), MEMBER, says="Forbidden")
    yield undetermined(testcase, "no such API", _not_made(404, "answered 404: Not here."), MEMBER, says="Not here")
    unknown = _not_made(404, "answered 404: Could not find role: reader.")
    yield fails(testcase, "no such role", unknown, MEMBER, says="There is no role reader")
    yield undetermined(testcase, "no answer", ReaderWork(attempts=BLIND), MEMBER, says="answered 503")


def _not_made(status: int, seen: str) -> ReaderWork:
    step = Attempt(what=MAKE_CREDENTIAL, ending=Ending.REFUSED, seen=seen, seconds=1.0, status=status)
    return ReaderWork(attempts=Attempts(steps=(step,)))


def _upload() -> Iterator[Example]:
    def work(attempts: Attempts, *, is_same: bool | None = True) -> ImageUploadWork:
        return ImageUploadWork(attempts=attempts, size_bytes=1024, is_same=is_same)

    yield from _work("govstack-image-upload", work, "of 1024 bytes")
    garbage = work(steps("download it"), is_same=False)
    yield fails("govstack-image-upload", "garbage", garbage, says="other bytes than were uploaded")


def _user_data() -> Iterator[Example]:
    testcase = "govstack-user-data"
    yield passes(testcase, "it spoke", GUEST, says="ran the script of its user data")
    idle = replace(SILENT, console="Debian GNU/Linux 12 debian ttyS0\ndebian login:")
    yield fails(testcase, "booted without a word", idle, says="booted up to its login")
    yield undetermined(testcase, "did not boot", SILENT, says="Kernel panic")
    unstarted = replace(SILENT, console="", attempts=steps(at="start a guest", ending=Ending.REFUSED, seen="no host"))
    yield undetermined(testcase, "did not start", unstarted, says="told nothing: start a guest: no host")


def _zones() -> Iterator[Example]:
    testcase = "govstack-availability-zones"

    def zones(*names: str, closed: str = "") -> AvailabilityZones:
        return AvailabilityZones(compute=tuple(Zone(name=n, is_available=n != closed) for n in names), storage=())

    yield passes(testcase, "two", zones("a", "b"), says="over 2 compute zones")
    yield fails(testcase, "one", zones("nova"), says="1 compute zone takes orders")
    yield fails(testcase, "one is closed", zones("a", "b", closed="b"), says="compute zones that take orders: a;")
    yield undetermined(testcase, "none", zones(), says="not shown to a member")


def _balancer() -> Iterator[Example]:
    testcase = "govstack-load-balancer"
    made = LoadBalancerWork(attempts=steps("create a load balancer"), provider="ovn")
    yield passes(testcase, "made", BALANCERS, made, says="by the provider ovn")
    broken = steps(at="wait until it is ACTIVE", ending=Ending.BROKEN, seen="became ERROR")
    yield fails(testcase, "an error", BALANCERS, replace(made, attempts=broken), says="gets no load balancer")
    yield fails(testcase, "not in the catalog", NO_KEY_MANAGER, ABSENT, says="is of type load-balancer")
    yield undetermined(testcase, "not tried", BALANCERS, ABSENT, says="It was not there.")
    unprepared = steps(at=CREATE_SUBNET, ending=Ending.REFUSED, seen="answered 403")
    yield undetermined(testcase, "no subnet", BALANCERS, replace(made, attempts=unprepared), says="answered 403")
    yield undetermined(testcase, "no catalog", Catalog(items=()), ABSENT, says="catalog is empty")


def _template() -> Iterator[Example]:
    testcase = "govstack-infrastructure-as-code"
    yield from _work(testcase, lambda a: StackWork(attempts=a), "was applied")
    yield undetermined(testcase, "no orchestration", ABSENT, says="OpenTofu and Terraform")


def _shared() -> Iterator[Example]:
    made = (CREATE_VOLUME, VOLUME_READY, "create a backup of it")
    yield passes("govstack-volume-backup", "restored", BackupWork(attempts=steps(*made)), says="was backed up")
    broken = BackupWork(attempts=steps(*made[:2], at=made[2], ending=Ending.BROKEN, seen="became error"))
    yield fails("govstack-volume-backup", "broken", broken, says="became error")
    yield undetermined("govstack-volume-backup", "no answer", BackupWork(attempts=BLIND), says="answered 503")
    store = Catalog(items=(CatalogEntry(type="object-store", name="swift", public_url="https://s3.example.org"),))
    s3 = S3Probe(url="https://s3.example.org", http_status=403, error_code="InvalidAccessKeyId")
    yield passes("govstack-object-storage", "S3", s3, ABSENT, store, says="speaks S3")
    yield fails(
        "govstack-object-storage", "not S3", replace(s3, error_code=""), ABSENT, store, says="does not speak S3"
    )
    broken_s3 = replace(s3, http_status=503, error_code="")
    yield undetermined("govstack-object-storage", "broken", broken_s3, ABSENT, store, says="server error")
    kept = SecretWork(attempts=steps("store a secret"), is_same=True)
    yield passes("govstack-key-manager", "kept", KEY_MANAGER, MEMBER, kept, says="stored a secret")
    yield fails("govstack-key-manager", "none", NO_KEY_MANAGER, MEMBER, ABSENT, says="is of type key-manager")
    yield undetermined("govstack-key-manager", "not tried", KEY_MANAGER, MEMBER, ABSENT, says="It was not there.")
