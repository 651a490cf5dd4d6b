"""Whatever a cloud says, every check comes to a finding: anything may be written into names and properties."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from allmende.facts.openstack import (
    Catalog,
    CatalogEntry,
    DefaultSecurityGroupRules,
    Flavor,
    Flavors,
    Image,
    Images,
    Moment,
    S3Probe,
    SecurityGroupRule,
    VolumeType,
    VolumeTypes,
)
from allmende.outcome import Outcome
from allmende.testing.judge import published_checks

TEXT = st.text(max_size=20) | st.sampled_from(
    [
        "9999-12-31",
        "0001-01-01 00:00",
        "2026-02-30",
        "daily",
        "yearly",
        "none",
        "generic",
        "x86_64",
        "SCS-1V-4",
        "SCS-1V:4",
        "[scs:encrypted]",
        "[scs:",
        "Ubuntu 24.04",
        "Ubuntu 24.04 20240101",
        "Debian 12",
        "identity",
    ]
)
KEYS = (
    "architecture",
    "os_distro",
    "os_version",
    "os_purpose",
    "image_build_date",
    "image_source",
    "replace_frequency",
    "provided_until",
    "uuid_validity",
    "hotfix_hours",
    "scs:name-v1",
    "scs:name-v2",
    "scs:name-v9",
    "scs:disk0-type",
)
NUMBER = st.integers(-1, 2**40)
TIME = st.datetimes(timezones=st.just(UTC))
PROPERTIES = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, TEXT))
FACTS = {
    Flavors: st.builds(
        Flavor, id=TEXT, name=TEXT, vcpus=NUMBER, ram_mib=NUMBER, disk_gib=NUMBER, extra_specs=PROPERTIES
    ),
    Images: st.builds(
        Image,
        id=TEXT,
        name=TEXT,
        status=TEXT,
        visibility=st.sampled_from(["public", "community"]),
        is_hidden=st.booleans(),
        size_bytes=st.none() | NUMBER,
        min_disk_gib=NUMBER,
        min_ram_mib=NUMBER,
        created_at=TIME,
        hash_algo=st.none() | TEXT,
        properties=PROPERTIES,
    ),
    VolumeTypes: st.builds(VolumeType, id=TEXT, name=TEXT, description=TEXT),
    DefaultSecurityGroupRules: st.builds(
        SecurityGroupRule,
        direction=st.sampled_from(["ingress", "egress", "sideways"]),
        ethertype=st.sampled_from(["IPv4", "IPv6", "IPX"]),
        protocol=st.none() | TEXT,
        port_range_min=st.none() | NUMBER,
        port_range_max=st.none() | NUMBER,
        remote_ip_prefix=st.none() | TEXT,
        remote_group=st.none() | st.just("PARENT") | TEXT,
        used_in_default_group=st.booleans(),
        used_in_other_groups=st.booleans(),
    ),
    Catalog: st.builds(CatalogEntry, type=TEXT, name=TEXT, public_url=st.none() | TEXT),
}


@given(st.data(), TIME)
def test_every_check_comes_to_a_finding(data: st.DataObject, now: datetime) -> None:
    facts: dict[type, object] = {
        type_: type_(items=tuple(data.draw(st.lists(items, max_size=4)))) for type_, items in FACTS.items()
    }
    facts[Moment] = Moment(at=now)
    facts[S3Probe] = data.draw(st.builds(S3Probe, url=TEXT, http_status=st.integers(100, 599), error_code=TEXT))
    others = {fact for check in published_checks().values() for fact in check.facts} - facts.keys()
    facts |= {fact: data.draw(st.from_type(fact)) for fact in sorted(others, key=lambda fact: fact.__name__)}
    for check in published_checks().values():
        finding = check.judge(facts)
        assert finding.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.DNF)
        assert finding.summary
        if finding.outcome is Outcome.FAIL:
            assert not finding.evidence[0].ok
