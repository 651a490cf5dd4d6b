"""Defects of the catalog, of the object store and of volume types."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from allmende.facts.openstack import VolumeType
from allmende.standards.model import Standards, Testcase
from allmende.testing.defects.model import LISTED, Defect
from allmende.testing.openstack import FakeOpenStack

IN_CATALOG = "what the catalog lists"
_LIST = re.compile(r"\[scs:([^\]]*)\]")


def defects(standards: Standards) -> Iterator[Defect]:
    """Yield a defect for every testcase of scs-0114, 0123 and 0125, and for the one of scs-0116 that only reads."""
    for testcase in standards.testcases.values():
        if "types" in testcase.parameters:
            yield _not_listed(testcase)
    yield _absent("scs-0116-presence", "key-manager", ("key-manager",))
    yield Defect(
        testcase="scs-0125-tls-endpoints",
        sentence="An address in the catalog is one without TLS.",
        strike=lambda fake: fake.state.provision.addresses.update(dns="http://dns.cloud.example"),
        offender="endpoint dns",
        seen="http://dns.cloud.example",
        run=IN_CATALOG,
        setting=LISTED,
    )
    yield Defect(
        testcase="scs-0123-swift-s3",
        sentence="The object store does not speak S3.",
        strike=lambda fake: setattr(fake.state, "s3_error", None),
        offender="address ",
        seen="HTTP 412, no S3 error document",
    )
    yield from _of_volume_types()


def _not_listed(testcase: Testcase) -> Defect:
    types = testcase.parameters["types"]
    names = (types,) if isinstance(types, str) else types
    if testcase.id in ("scs-0123-service-compute", "scs-0123-service-network"):
        return _without_public_address(testcase.id, *names)
    return _absent(testcase.id, " or ".join(names), names)


def _absent(testcase: str, words: str, types: tuple[str, ...]) -> Defect:
    return Defect(
        testcase=testcase,
        sentence=f"The catalog lists no service of type {words}.",
        strike=lambda fake: fake.state.services.difference_update(types),
        offender=f"service of type {words}",
        seen="not in the catalog",
        run=IN_CATALOG,
        setting=LISTED,
    )


def _without_public_address(testcase: str, service: str) -> Defect:
    return Defect(
        testcase=testcase,
        sentence=f"The catalog lists the service {service} without a public endpoint.",
        strike=lambda fake: fake.state.provision.without_public_address.add(service),
        offender=f"of type {service}",
        seen="no public endpoint",
        run=IN_CATALOG,
        setting=LISTED,
    )


def _of_volume_types() -> Iterator[Defect]:
    yield Defect(
        testcase="scs-0114-syntax-check",
        sentence="A volume type lists an aspect that is not standardized.",
        strike=lambda fake: fake.state.volume_types.append(
            VolumeType(id="type-3", name="fast", description="[scs:fast]")
        ),
        offender="volume type fast",
        seen="not standardized: fast",
    )
    for aspect in ("encrypted", "replicated"):
        yield _without_aspect(aspect)


def _without_aspect(aspect: str) -> Defect:
    def strike(fake: FakeOpenStack) -> None:
        fake.state.volume_types = [
            replace(row, description=_LIST.sub(partial(_less, aspect), row.description))
            for row in fake.state.volume_types
        ]

    return Defect(
        testcase=f"scs-0114-{aspect}-type",
        sentence=f"No volume type says that its volumes are {aspect}.",
        strike=strike,
        offender="volume type LUKS",
        seen="",
    )


def _less(aspect: str, listed: re.Match[str]) -> str:
    left = [name for name in listed[1].split(", ") if name != aspect]
    return f"[scs:{', '.join(left)}]" if left else ""
