"""Whatever a cloud says, every check comes to a finding: anything may be written into names and properties."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from allmende.facts.domain_manager import DomainManager
from allmende.facts.fact import Fact
from allmende.facts.networks import (
    DnsZones,
    NetworkExtensions,
    PortName,
    ProviderNetwork,
    ProviderNetworks,
    ProviderNetworkTrial,
    SharingTrial,
    SubnetPool,
    SubnetPools,
)
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
from allmende.facts.tls import TlsCertificate, TlsServer, TlsServers
from allmende.facts.trials import Trial
from allmende.facts.zones import AvailabilityZones, Zone
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

NAMES = st.frozensets(TEXT, max_size=3)
TRIAL = st.builds(Trial, what=TEXT, succeeded=st.booleans(), answer=TEXT, status=st.none() | st.integers(100, 599))


def several(things: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(things, max_size=3).map(tuple)


ZONES = several(st.builds(Zone, name=TEXT, is_available=st.booleans()))
CERTIFICATES = several(
    st.builds(TlsCertificate, subject=TEXT, key=TEXT | st.sampled_from(["rsa", "ecdsa"]), signature=TEXT, bits=NUMBER)
)
SERVERS = several(
    st.builds(
        TlsServer,
        address=TEXT,
        services=several(TEXT),
        problem=TEXT,
        versions=NAMES,
        suites=NAMES,
        curves=NAMES,
        dh_bits=st.none() | NUMBER,
        certificates=CERTIFICATES,
        weaknesses=several(TEXT),
    )
)
NETWORKS = several(st.builds(ProviderNetwork, id=TEXT, name=TEXT, is_default=st.none() | st.booleans()))
POOLS = several(st.builds(SubnetPool, id=TEXT, name=TEXT, ip_version=st.sampled_from([4, 6]), is_shared=st.just(True)))
PREVIEWS: tuple[st.SearchStrategy[Fact], ...] = (
    st.builds(AvailabilityZones, compute=ZONES, storage=ZONES, network=ZONES),
    st.builds(TlsServers, items=SERVERS, scanner=TEXT),
    st.builds(ProviderNetworks, items=NETWORKS),
    st.builds(SubnetPools, items=POOLS),
    st.builds(NetworkExtensions, aliases=NAMES),
    st.builds(DnsZones, names=several(TEXT)),
    st.builds(PortName, wanted=TEXT, given=TEXT, addresses=several(st.tuples(TEXT, TEXT))),
    st.builds(ProviderNetworkTrial, trial=TRIAL),
    st.builds(SharingTrial, trial=TRIAL),
    st.builds(
        DomainManager,
        roles=NAMES | st.just(frozenset({"manager"})),
        within=several(TRIAL),
        beyond=several(TRIAL),
        powers=several(TRIAL),
    ),
)


@given(st.data(), TIME)
def test_every_check_comes_to_a_finding(data: st.DataObject, now: datetime) -> None:
    facts: dict[type, object] = {
        type_: type_(items=tuple(data.draw(st.lists(items, max_size=4)))) for type_, items in FACTS.items()
    }
    facts[Moment] = Moment(at=now)
    facts[S3Probe] = data.draw(st.builds(S3Probe, url=TEXT, http_status=st.integers(100, 599), error_code=TEXT))
    facts |= {type(fact): fact for fact in (data.draw(drawn) for drawn in PREVIEWS)}
    for check in published_checks().values():
        finding = check.judge(facts)
        assert finding.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.DNF)
        assert finding.summary
        if finding.outcome is Outcome.FAIL:
            assert not finding.evidence[0].ok
