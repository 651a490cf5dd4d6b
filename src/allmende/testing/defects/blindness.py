"""Ways in which a cloud shows nothing: services that fail, hang, forbid, are absent, or show empty lists."""

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from allmende.testing.defects import govstack
from allmende.testing.defects.model import HANGING, LISTED, SINGLE, Blindness, Strike
from allmende.testing.openstack import FakeOpenStack

_GUESTS = ("scs-0101-entropy-avail", "scs-0101-fips-test", "scs-0101-rngd")
_MANAGERS = ("scs-0302-*",)
# What cannot be judged without a service. Zones are asked of two, and so blinded for themselves.
_OF_SERVICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "compute": ("scs-0100-*", "scs-0101-flavor-property", *_GUESTS, "scs-0103-*"),
        "image": ("scs-0101-image-property", "scs-0102-*", "scs-0104-*"),
        "block-storage": ("scs-0114-*", "scs-0117-*"),
        "network": ("scs-0115-*", "scs-0126-*", "scs-0127-dns-integration", "scs-0127-internal-names"),
        "dns": ("scs-0127-dns-service",),
    }
)
# What may be forbidden to read, by service; the testcases that need it.
_READ: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("compute", "/flavors/detail", ("scs-0100-*", "scs-0101-flavor-property", "scs-0103-*")),
    ("image", "/images", ("scs-0101-image-property", "scs-0102-*", "scs-0104-*")),
    ("block-storage", "/types", ("scs-0114-*",)),
    ("block-storage", "/os-availability-zone", ("scs-0121-*", "govstack-availability-zones")),
    ("network", "/default-security-group-rules", ("scs-0115-*",)),
    ("network", "/networks", ("scs-0126-standard-network",)),
    ("network", "/subnetpools", ("scs-0126-ipv?-pool",)),
    ("network", "/extensions", ("scs-0126-no-own-provider-networks", "scs-0127-dns-integration")),
    ("dns", "/zones", ("scs-0127-dns-service",)),
)


def blindnesses() -> Iterator[Blindness]:
    """Yield every blindness."""
    yield from _failing()
    yield from _hanging()
    yield from _absent()
    yield from _babbling()
    yield from _forbidden()
    yield from _empty()
    yield from _without_quota()
    yield from _unfit()
    yield from govstack.blindnesses()


def _failing() -> Iterator[Blindness]:
    run = "services that fail"
    for service, testcases in _OF_SERVICES.items():
        yield Blindness(
            testcases=testcases,
            sentence=f"{service} answers 500",
            strike=partial(FakeOpenStack.fail, service=service, status=500),
            says=service,
            answered=True,
            run=run,
        )
    for testcases, service, words in (
        (("scs-0116-permissions",), "key-manager", "key-manager"),
        (("scs-0123-swift-s3",), "s3", "S3 API could be asked"),
    ):
        yield Blindness(
            testcases=testcases,
            sentence=f"{service} answers 500",
            strike=partial(FakeOpenStack.fail, service=service, status=500),
            says=words,
            answered=True,
            run=run,
        )
    yield Blindness(
        testcases=_MANAGERS,
        sentence="identity answers 500 to a domain manager's list of roles",
        strike=lambda fake: fake.breaks("GET", "/roles", service="identity"),
        says="identity",
        answered=True,
        run=run,
    )


def _hanging() -> Iterator[Blindness]:
    for service, path, testcases in (*_READ, ("key-manager", "/secrets", ("scs-0116-permissions",))):
        yield Blindness(
            testcases=testcases,
            sentence=f"{service} hangs at {path}",
            strike=partial(FakeOpenStack.hang_on, method="GET", path=path, service=service),
            says=service,
            run=HANGING,
        )
    yield Blindness(
        testcases=("scs-0123-swift-s3",),
        sentence="the object store hangs",
        strike=lambda fake: fake.hang("s3"),
        says="S3 API could be asked",
        run=HANGING,
    )


def _absent() -> Iterator[Blindness]:
    for service, testcases in (*_OF_SERVICES.items(), ("object-store", ("scs-0123-swift-s3",))):
        yield Blindness(
            testcases=testcases,
            sentence=f"{service} is in no catalog",
            strike=partial(FakeOpenStack.remove_service, service=service),
            says=service,
            run="services that are absent",
        )


def _babbling() -> Iterator[Blindness]:
    for service, testcases in _OF_SERVICES.items():
        yield Blindness(
            testcases=testcases,
            sentence=f"a proxy answers for {service}",
            strike=partial(FakeOpenStack.answer_html, service=service),
            says=service,
            run="answers that are none",
        )
    yield Blindness(
        testcases=("scs-0116-permissions",),
        sentence="a proxy forbids key-manager",
        strike=lambda fake: fake.answer_html("key-manager", status=403),
        says="key-manager",
        run="answers that are none",
    )
    yield Blindness(
        testcases=("scs-0123-swift-s3",),
        sentence="the object store's answers break off",
        strike=lambda fake: fake.truncate("s3"),
        says="breaks off",
        run="answers that are none",
    )


def _forbidden() -> Iterator[Blindness]:
    for service, path, testcases in _READ:
        yield Blindness(
            testcases=testcases,
            sentence=f"{path} may not be read",
            strike=_refuse("GET", path, service),
            says=service,
            answered=True,
            run="things that nobody may read",
        )
    for service, path, testcases in (
        ("compute", "/servers", _GUESTS),
        ("block-storage", "/volumes", ("scs-0117-*",)),
        ("network", "/ports", ("scs-0127-internal-names",)),
    ):
        yield Blindness(
            testcases=testcases,
            sentence=f"nothing may be created at {path}",
            strike=_refuse("POST", path, service),
            says=service,
            answered=True,
            run=SINGLE,
        )
    yield Blindness(
        testcases=("scs-0121-*", "govstack-availability-zones"),
        sentence="compute answers 500 at /os-availability-zone",
        strike=lambda fake: fake.breaks("GET", "/os-availability-zone", service="compute"),
        says="compute",
        answered=True,
        run=SINGLE,
    )


def _refuse(method: str, path: str, service: str) -> Strike:
    return lambda fake: fake.refuse(method, path, service=service)


def _empty() -> Iterator[Blindness]:
    for testcases, what, strike, says in (
        (("scs-0100-*", "scs-0101-flavor-property"), "no flavor", lambda fake: fake.state.flavors.clear(), "flavor"),
        (("scs-0101-image-property", "scs-0102-*", "scs-0104-source-*", *_GUESTS), "no image",
         lambda fake: fake.state.images.clear(), "image"),
        (("scs-0114-*",), "no volume type", lambda fake: fake.state.volume_types.clear(), "volume type"),
        (("scs-0115-*",), "no template and no security group", _forget_rules, "no template"),
        (("scs-0121-*",), "no zone", lambda fake: fake.state.provision.compute_zones.clear(), "zones of compute"),
        (("scs-0126-ipv4-pool",), "no subnet pool", lambda fake: fake.state.provision.subnet_pools.clear(), "pool"),
        (("scs-0126-no-own-provider-networks", "scs-0127-dns-*"), "no extension of the Network API",
         lambda fake: fake.state.provision.extensions.clear(), "Network API"),
    ):  # fmt: skip
        yield Blindness(testcases=testcases, sentence=f"{what} is shown", strike=strike, says=says, run="empty lists")
    yield Blindness(
        testcases=("scs-0116-presence", "scs-0123-service-*", "scs-0123-storage-apis", "scs-0125-tls-endpoints"),
        sentence="the catalog is empty",
        strike=lambda fake: fake.state.services.clear(),
        says="catalog",
        run="an empty catalog",
        setting=LISTED,
    )


def _forget_rules(fake: FakeOpenStack) -> None:
    fake.state.default_rules = None
    fake.state.groups.clear()


def _without_quota() -> Iterator[Blindness]:
    for testcases, what in (
        (_GUESTS, "server"),
        (("scs-0117-*",), "volume"),
        (("scs-0126-rbac-restricted", "scs-0127-internal-names", "govstack-reader-role"), "network"),
    ):
        yield Blindness(
            testcases=testcases,
            sentence=f"the quota allows no {what}",
            strike=partial(FakeOpenStack.quota, what=what, limit=0),
            says="quota",
            run="quotas that are used up",
        )


def _unfit() -> Iterator[Blindness]:
    run = "people and guests that show nothing"
    yield Blindness(
        testcases=_GUESTS,
        sentence="cloud-init does not run in guests",
        strike=lambda fake: fake.prints(lambda _: "cloud-init: Failed to run module scripts-user"),
        says="Failed to run module scripts",
        run=run,
    )
    yield Blindness(
        testcases=("scs-0117-restored-bytes",),
        sentence="no image may be made of a volume",
        strike=lambda fake: fake.refuse("POST", "/volumes/{id}/action", service="block-storage"),
        says="block-storage",
        answered=True,
        run=run,
    )
    yield Blindness(
        testcases=("scs-0116-permissions",),
        sentence="the user has the role manager",
        strike=lambda fake: setattr(fake.state, "roles", ("manager", "member")),
        says="role manager",
        run=run,
    )
    yield Blindness(
        testcases=_MANAGERS,
        sentence="the account that was named is no domain manager's",
        strike=lambda fake: setattr(fake.state.provision, "manager_roles", ("member",)),
        says="role manager",
        run=run,
    )
