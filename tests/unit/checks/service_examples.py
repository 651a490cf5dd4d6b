"""Examples for scs-0114, scs-0115, scs-0116 and scs-0123."""

from collections.abc import Iterator
from dataclasses import replace

from allmende.facts.attempts import Ending
from allmende.facts.openstack import (
    Catalog,
    CatalogEntry,
    DefaultSecurityGroupRules,
    Member,
    S3Probe,
    SecurityGroupRule,
    VolumeType,
    VolumeTypes,
)
from allmende.facts.openstack_work import S3Work
from allmende.outcome import Unavailable
from allmende.standards.model import Standards
from allmende.testing import conformant

from .examples import Example, fails, passes, undetermined
from .work_examples import steps

RULES = tuple(conformant.default_rules())


def examples(standards: Standards) -> Iterator[Example]:
    yield from _lists_of_aspects()
    for aspect in ("encrypted", "replicated"):
        yield from _aspect(f"scs-0114-{aspect}-type", aspect)
    yield from _security_groups()
    yield from _s3()
    for testcase in standards.testcases.values():
        if testcase.id.startswith("scs-0123-") and testcase.id != "scs-0123-swift-s3":
            yield from _service(testcase.id, testcase.parameters["types"])
    yield from _service("scs-0116-presence", ("key-manager",))


def volume_types(*descriptions: str) -> VolumeTypes:
    items = (VolumeType(id=str(n), name=f"type-{n}", description=text) for n, text in enumerate(descriptions))
    return VolumeTypes(items=tuple(items))


def _lists_of_aspects() -> Iterator[Example]:
    testcase = "scs-0114-syntax-check"
    for text in (
        "[scs:encrypted] LUKS",
        "[scs:replicated]",
        "[scs:encrypted, replicated] x",
        "[scs:encrypted,replicated]",
    ):
        yield passes(testcase, text, volume_types(text), says="The only volume type has a well-formed description")
    yield passes(testcase, "none has a list", volume_types("", "fast"), says="2 volume types of 2 without a list")
    for text, fault in (
        ("[scs:replicated, encrypted]", "not sorted"),
        ("[scs:encrypted, encrypted]", "an aspect twice"),
        ("[scs:encrypted, fast]", "not standardized: fast"),
        ("[scs:encrypted,]", "not standardized: empty"),
    ):
        yield fails(testcase, text, volume_types("", text), says=fault)
    yield fails(
        testcase, "counts", volume_types("", "[scs:x]"), says="1 of 2 volume types lacks a well-formed description"
    )
    yield undetermined(testcase, "no type", VolumeTypes(items=()), says="not even the default one")


def _aspect(testcase: str, aspect: str) -> Iterator[Example]:
    both, listed = "[scs:encrypted, replicated] x", f"[scs:{aspect}] x"
    yield passes(testcase, "listed", volume_types("", listed), says=f"1 of 2 volume types with the aspect {aspect}")
    yield passes(testcase, "listed with another", volume_types(both, listed), says="2 of 2")
    for text in (aspect, f"My [scs:{aspect}]", f"[SCS:{aspect}]", f"[scs:un{aspect}]", ""):
        yield fails(testcase, f"«{text}»", volume_types(text), says=f"No volume type of 1 has the aspect {aspect}")
    yield undetermined(testcase, "no type", VolumeTypes(items=()), says="not even the default one")


def _security_groups() -> Iterator[Example]:
    testcase = "scs-0115-default-rules"
    everything_in = SecurityGroupRule(direction="ingress", ethertype="IPv4")
    ssh_in = replace(everything_in, protocol="tcp", port_range_min=22, port_range_max=22)
    own_group_everywhere = replace(everything_in, remote_group="PARENT")
    out = tuple(rule for rule in RULES if rule.direction == "egress")

    def rules(*items: SecurityGroupRule, from_template: bool = True) -> DefaultSecurityGroupRules:
        return DefaultSecurityGroupRules(items=items, from_template=from_template)

    yield passes(testcase, "as OpenStack ships", rules(*RULES), says="The 4 default rules let nothing in")
    yield passes(testcase, "nothing in at all", rules(*out), says="The 2 default rules")
    named = tuple(replace(r, remote_ip_prefix="0.0.0.0/0" if r.ethertype == "IPv4" else "::/0") for r in out)
    yield fails(
        testcase, "everywhere is written out", rules(*named), says="A rule to 0.0.0.0/0 or ::/0 lets as much out"
    )
    yield passes(testcase, "written out in existing groups", rules(*named, from_template=False))
    unused = replace(ssh_in, used_in_default_group=False, used_in_other_groups=False)
    yield passes(testcase, "a rule that is used nowhere", rules(*RULES, unused), says="public test suite counts it")
    among = tuple(replace(rule, remote_group="PARENT") for rule in out)
    yield passes(testcase, "out to the own group", rules(*among), says="allowed for IPv4 all traffic to group PARENT")
    limited = tuple(replace(rule, protocol="tcp") for rule in out)
    yield passes(
        testcase, "only some traffic out", rules(*limited), says="Egress of IPv4 is allowed for IPv4 tcp to any"
    )
    apart = [replace(r, used_in_other_groups=False) for r in out] + [
        replace(r, used_in_default_group=False) for r in out
    ]
    yield passes(testcase, "a rule per kind of group", rules(*apart))
    yield passes(
        testcase, "existing groups agree", rules(*RULES, from_template=False), says="Read from existing groups"
    )
    for why, rule in (
        ("everything in", everything_in),
        ("ssh in", ssh_in),
        ("in to default groups", replace(everything_in, used_in_other_groups=False)),
        ("own group in other groups", own_group_everywhere),
        ("a private network in", replace(everything_in, remote_ip_prefix="10.0.0.0/8")),
    ):
        yield fails(testcase, why, rules(*RULES, rule), says="The 5 default rules let in IPv4")
    yield fails(testcase, "says what", rules(*RULES, ssh_in), says="let in IPv4 tcp ports 22-22 from any address.")
    yield fails(testcase, "no rules at all", rules(), says="do not allow egress of IPv4 from default groups")
    somebody = Member(user="u", project="p", roles=frozenset({"member"}))
    yield fails(testcase, "no rules for a member", rules(), somebody, says="do not allow egress of IPv4")
    reader = replace(somebody, roles=frozenset({"reader"}))
    yield undetermined(testcase, "no rules for a reader", rules(), reader, says="hides the rules from such users")
    yield fails(testcase, "rules for a reader", rules(*RULES, ssh_in), reader, says="let in IPv4 tcp")
    yield fails(testcase, "no IPv6 out", rules(out[0]), says="do not allow egress of IPv6 from default groups")
    inside = tuple(replace(rule, remote_ip_prefix="10.0.0.0/8") for rule in out)
    yield fails(testcase, "out to a private network", rules(*inside), says="egress of IPv4 from other groups")
    half = tuple(replace(rule, used_in_other_groups=False) for rule in out)
    yield fails(
        testcase, "out of default groups only", rules(*half), says="do not allow egress of IPv4 from other groups"
    )
    yield undetermined(
        testcase, "changed groups", rules(*RULES, ssh_in, from_template=False), says="may have been changed"
    )
    yield undetermined(testcase, "no group seen", rules(from_template=False), says="no group was seen")


def _service(testcase: str, types: str | tuple[str, ...]) -> Iterator[Example]:
    identity = CatalogEntry(type="identity", name="keystone", public_url="https://identity.example.org")
    other = replace(identity, type="other", name="other")
    for type_ in (types,) if isinstance(types, str) else types:
        entry = CatalogEntry(type=type_, name="it", public_url="https://it.example.org")
        catalog = Catalog(items=(other, entry))
        yield passes(
            testcase, f"as {type_}", catalog, says=f"The catalog offers service it of type {type_} at https://it"
        )
        hidden = Catalog(items=(other, replace(entry, public_url=None)))
        yield fails(testcase, f"{type_} without endpoint", hidden, says="no public endpoint in this region")
    yield fails(testcase, "absent", Catalog(items=(other,)), says="No service of 1 in the catalog is of type")
    yield undetermined(testcase, "empty catalog", Catalog(items=()), says="The service catalog is empty")


def _s3() -> Iterator[Example]:
    testcase = "scs-0123-swift-s3"

    no_key = Unavailable(reason="This run creates nothing.")
    compute = CatalogEntry(type="compute", name="nova", public_url="https://compute.example.org")
    catalog = Catalog(items=(compute, replace(compute, type="object-store")))
    unseen = Unavailable(reason="The object store did not answer.", request_id="req-1")

    def answer(status: int, code: str = "", work: S3Work | Unavailable = no_key) -> tuple[object, ...]:
        return S3Probe(url="https://s3.example.org/", http_status=status, error_code=code), work, catalog

    listed = steps("make an EC2 credential", "list the buckets with it")
    used = S3Work(attempts=listed, url="https://s3.example.org/")
    yield passes(testcase, "buckets listed", *answer(200, work=used), says="listed the buckets of the member")
    refused = steps("make an EC2 credential", at="list the buckets", ending=Ending.REFUSED, seen="answered 403")
    spoken = answer(403, "InvalidAccessKeyId", S3Work(attempts=refused, url="https://s3.example.org/"))
    yield passes(testcase, "only a stranger is refused well", *spoken, says="did not work (list the buckets: ans")
    yield passes(
        testcase, "unknown key", *answer(403, "InvalidAccessKeyId"), says="speaks S3: it answered InvalidAccess"
    )
    yield passes(testcase, "no such key", *answer(404, "NoSuchKey"), says="was used: This run creates nothing.")
    yield passes(
        testcase, "another refusal", *answer(403, "SignatureDoesNotMatch"), says="The public test suite takes only"
    )
    yield fails(testcase, "not S3", *answer(404), says="does not speak S3: it answered HTTP 404, no S3 error document")
    yield fails(testcase, "an answer without refusal", *answer(200), says="HTTP 200")
    yield undetermined(testcase, "no answer", unseen, catalog, says="asked [req-1]: The object store did")
    nowhere = Catalog(items=(compute,))
    yield undetermined(testcase, "no object store", unseen, nowhere, says="suite passes a cloud without object")
    yield undetermined(testcase, "a proxy without server", *answer(502), says="server error (HTTP 502)")
    yield undetermined(testcase, "a broken server", *answer(500, "InternalError"), says="server error (HTTP 500)")
