"""Defects and blindnesses for the testcases of GovStack, most of which show only where somebody works in the cloud."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from allmende.testing.defects.model import SINGLE, Blindness, Defect, Strike
from allmende.testing.openstack import FakeOpenStack

RUN = "work for GovStack that goes wrong"
TOKENS_OF_A_RUN = 2
"""The member's and the domain manager's, which a run gets before anything else."""


def defects() -> Iterator[Defect]:
    """Yield a defect for every testcase of GovStack that a fake cloud can fail in a moment."""
    for testcase, sentence, strike, offender, seen in (
        ("token-lifetime", "Tokens are valid for 25 hours.",
         lambda fake: setattr(fake.state, "token_lifetime", timedelta(hours=25)), "lifetime of a token", "25 hours"),
        ("token-revocation", "Members may not revoke tokens.",
         _refused("DELETE", "/auth/tokens"), "«revoke it»", "403"),
        ("reader-role", "Readers may create networks.",
         lambda fake: fake.state.readers_write.add("network"), "network as reader", "it was created"),
        ("image-upload", "Members may not upload what an image holds.",
         _refused("PUT", "/images/{image}/file"), "«upload 1 MiB to it»", "403"),
        ("server-groups", "Members may not create server groups.",
         _refused("POST", "/os-server-groups", "compute"), "affinity", "403"),
        ("availability-zones", "There is one compute zone.",
         lambda fake: setattr(fake.state.provision, "compute_zones", {"nova": True}), "compute zones", "nova"),
        ("security-groups", "Members may not create rules of security groups.",
         _refused("POST", "/security-group-rules"), "let one network in", "403"),
        ("floating-address", "Members may not have floating addresses.",
         _refused("POST", "/floatingips"), "allocate an address", "403"),
        ("load-balancer", "Load balancers end in error.", _wrong("loadbalancer"), "wait until it is ACTIVE", "ERROR"),
        ("volume-snapshot", "Snapshots end in error.", _wrong("snapshot"), "snapshot", "error"),
        ("volume-backup", "Backups of volumes end in error.", _wrong("backup"), "backup", "error"),
        ("object-storage", "The object store does not speak S3.",
         lambda fake: setattr(fake.state, "s3_error", None), "address ", "no S3 error document"),
        ("key-manager", "Members may not keep secrets.", _refused("POST", "/secrets"), "«store a secret»", "403"),
        ("infrastructure-as-code", "Stacks end in error.", _wrong("stack"), "step ", "no network"),
    ):  # fmt: skip
        yield Defect(
            testcase=f"govstack-{testcase}", sentence=sentence, strike=strike, offender=offender, seen=seen, run=RUN
        )


def _refused(method: str, path: str, service: str | None = None) -> Strike:
    return lambda fake: fake.refuse(method, path, service=service)


def _wrong(kind: str) -> Strike:
    return lambda fake: fake.goes_wrong(kind, words="no network")


def blindnesses() -> Iterator[Blindness]:
    """Yield the blindnesses of GovStack's testcases."""
    for service, testcases in (
        ("identity", ("token-lifetime", "token-revocation", "reader-role")),
        ("compute", ("server-groups",)),
        ("image", ("image-upload",)),
        ("network", ("security-groups", "floating-address", "load-balancer")),
        ("block-storage", ("volume-snapshot", "volume-backup")),
        ("s3", ("object-storage",)),
        ("key-manager", ("key-manager",)),
        ("orchestration", ("infrastructure-as-code",)),
    ):
        yield Blindness(
            testcases=tuple(f"govstack-{testcase}" for testcase in testcases),
            sentence=f"{service} answers 500" if service != "identity" else "identity answers 500 to who wants a token",
            strike=_no_more_tokens if service == "identity" else partial(_failing, service=service),
            says="S3 API could be asked" if service == "s3" else service,
            answered=True,
            run="services that fail while somebody works for GovStack",
        )
    yield Blindness(
        testcases=("govstack-token-*", "govstack-reader-role"),
        sentence="identity limits the rate of tokens",
        strike=partial(_no_more_tokens, status=429),
        says="identity",
        answered=True,
        run=SINGLE,
    )
    yield from _without_quota()
    for service, testcase in (
        ("image", "image-upload"),
        ("object-store", "object-storage"),
        ("orchestration", "infrastructure-as-code"),
    ):
        yield Blindness(
            testcases=(f"govstack-{testcase}",),
            sentence=f"{service} is in no catalog",
            strike=partial(FakeOpenStack.remove_service, service=service),
            says=service,
            run="services that are absent",
        )


def _no_more_tokens(fake: FakeOpenStack, status: int = 500) -> None:
    fake.refuse("POST", "/auth/tokens", status=status, service="identity", spared=TOKENS_OF_A_RUN)


def _failing(fake: FakeOpenStack, service: str) -> None:
    fake.fail(service, status=500)


def _without_quota() -> Iterator[Blindness]:
    for kind, testcase in (
        ("server_group", "server-groups"),
        ("security_group", "security-groups"),
        ("floatingip", "floating-address"),
        ("snapshot", "volume-snapshot"),
        ("backup", "volume-backup"),
        ("loadbalancer", "load-balancer"),
    ):
        yield Blindness(
            testcases=(f"govstack-{testcase}",),
            sentence=f"the quota allows no {kind}",
            strike=partial(FakeOpenStack.quota, what=kind, limit=0),
            says="uota",  # «quota of the project», or Octavia's «Quota has been met»
            run="quotas that are used up",
        )
