"""Examples for the previews: scs-0101 (properties), 0121, 0125, 0126, 0127 and 0302."""

from collections.abc import Iterator
from dataclasses import replace

from allmende.facts.domain_manager import DomainManager
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
from allmende.facts.openstack import Catalog, CatalogEntry, Flavor, Flavors
from allmende.facts.tls import TlsCertificate, TlsServer, TlsServers
from allmende.facts.trials import Trial
from allmende.facts.zones import AvailabilityZones, Zone

from .examples import Example, fails, passes, undetermined
from .image_examples import GOOD, images

CERTIFICATE = TlsCertificate(
    subject="CN=compute.example.org",
    key="ecdsa",
    curve="secp256r1",
    bits=256,
    signature="ecdsa-with-SHA256",
    lifespan_days=90,
)
SERVER = TlsServer(
    address="compute.example.org:443",
    services=("compute",),
    versions=frozenset({"TLSv1.2", "TLSv1.3"}),
    suites=frozenset({"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}),
    suites_13=frozenset({"TLS_AES_128_GCM_SHA256"}),
    curves=frozenset({"X25519", "secp256r1"}),
    certificates=(CERTIFICATE,),
)
NETWORK = ProviderNetwork(
    id="net", name="public", is_external=True, is_shared=False, is_default=True, has_port_security=True
)
POOL = SubnetPool(
    id="pool", name="ipv6", ip_version=6, is_shared=True, is_default=True, shortest_prefix=56, longest_prefix=64
)
FORBIDDEN = Trial(what="try it", succeeded=False, answer="403: disallowed by policy", status=403)
DONE = Trial(what="try it", succeeded=True, answer="done")
ABSENT = replace(FORBIDDEN, answer="404: not found", status=404)
BUSY = replace(FORBIDDEN, answer="409: quota exceeded", status=409)
MANAGER = DomainManager(
    user="carol",
    domain="village",
    roles=frozenset({"manager"}),
    within=(replace(DONE, what="create a user"), replace(DONE, what="create a group")),
    beyond=(replace(FORBIDDEN, what="see another domain"),),
    powers=(replace(FORBIDDEN, what="grant the role admin"),),
)

NOTHING: tuple[object, ...] = (
    AvailabilityZones(compute=(), storage=()),
    ProviderNetworks(items=()),
    SubnetPools(items=()),
    NetworkExtensions(aliases=frozenset()),
    DnsZones(names=()),
    TlsServers(items=()),
    PortName(wanted="web", given="", addresses=()),
    replace(MANAGER, within=(), beyond=(), powers=()),
)
"""What facts are of a cloud that shows nothing."""


def examples() -> Iterator[Example]:
    yield from _flavor_properties()
    yield from _image_properties()
    yield from _zones()
    yield from _endpoints()
    yield from _tls()
    yield from _standard_network()
    yield from _pools()
    yield from _refusals()
    yield from _dns()
    yield from _manager()


def _flavor_properties() -> Iterator[Example]:
    testcase = "scs-0101-flavor-property"

    def flavors(*values: str) -> Flavors:
        specs = ({"hw_rng:allowed": value} if value else {} for value in values)
        return Flavors(
            items=tuple(
                Flavor(id=str(n), name=f"SCS-{n}V-4", vcpus=n, ram_mib=4096, disk_gib=0, extra_specs=spec)
                for n, spec in enumerate(specs, 1)
            )
        )

    yield passes(testcase, "allowed", flavors("True", "true"), says="All 2 flavors have the extra spec hw_rng")
    yield fails(testcase, "not set", flavors("True", ""), says="SCS-2V-4: no hw_rng:allowed")
    yield fails(testcase, "not allowed", flavors("False"), says="hw_rng:allowed=False")
    yield undetermined(testcase, "no flavor", flavors(), says="nothing to look at")


def _image_properties() -> Iterator[Example]:
    testcase = "scs-0101-image-property"

    def with_model(value: str, visibility: str = "public") -> object:
        rest = {key: text for key, text in GOOD.properties.items() if key != "hw_rng_model"}
        model = {"hw_rng_model": value} if value else {}
        return images(replace(GOOD, visibility=visibility, properties={**rest, **model}))

    yield passes(testcase, "virtio", with_model("virtio"), says="has the property hw_rng_model=virtio")
    yield fails(testcase, "not set", with_model(""), says="no hw_rng_model")
    yield fails(testcase, "another", with_model("chaos"), says="hw_rng_model=chaos")
    yield undetermined(testcase, "community only", with_model("", "community"), says="no public image at all")
    yield undetermined(testcase, "no image", images(), says="nothing to look at")


def _zones() -> Iterator[Example]:
    def zones(compute: str, storage: str, closed: str = "") -> AvailabilityZones:
        def of(names: str) -> tuple[Zone, ...]:
            return tuple(Zone(name=name, is_available=name != closed) for name in names.split())

        return AvailabilityZones(compute=of(compute), storage=of(storage))

    testcase = "scs-0121-zones-visible"
    yield passes(testcase, "one each", zones("nova", "nova"), says="All 2 zones have the state available")
    yield fails(testcase, "one is closed", zones("a b", "a", "b"), says="compute zone b: not available")
    yield undetermined(testcase, "none of storage", zones("nova", ""), says="The zones of storage are not shown")
    yield undetermined(testcase, "none at all", zones("", ""), says="The zones of compute are not shown")

    testcase = "scs-0121-storage-zones"
    yield passes(testcase, "one of storage", zones("a b c", "nova"), says="Storage is one zone beside 3 compute zones")
    yield passes(testcase, "the same", zones("a b", "b a"), says="have the same 2 zones")
    yield fails(testcase, "other names", zones("a b", "ssd hdd"), says="storage zone hdd has no compute zone")
    yield fails(testcase, "one lacks storage", zones("a b c", "a b"), says="compute zone c has no storage zone")
    yield undetermined(testcase, "one zone", zones("nova", "nova"), says="demands nothing of it")
    yield undetermined(testcase, "none at all", zones("", ""), says="not shown to a member")


def catalog(*urls: str | None) -> Catalog:
    types = ("compute", "image", "network")
    return Catalog(
        items=tuple(
            CatalogEntry(type=type_, name=type_, public_url=url) for type_, url in zip(types, urls, strict=False)
        )
    )


def _endpoints() -> Iterator[Example]:
    testcase, tls, plain = "scs-0125-tls-endpoints", "https://cloud.example.org", "http://cloud.example.org"
    yield passes(testcase, "https", catalog(tls, "HTTPS://x.org"), says="All 2 endpoints have an HTTPS address")
    yield fails(testcase, "one without", catalog(tls, plain), says="1 of 2 endpoints lacks an HTTPS address: image")
    yield fails(testcase, "on this machine", catalog("http://127.0.0.1:8774"), says="http://127.0.0.1:8774")
    yield undetermined(testcase, "empty catalog", catalog(), says="no public endpoint")
    yield undetermined(testcase, "none in this region", catalog(None), says="no public endpoint")


def _tls() -> Iterator[Example]:
    testcase, here = "scs-0125-tls-profile", catalog("https://compute.example.org")

    def servers(*items: TlsServer) -> TlsServers:
        return TlsServers(items=items, scanner="sslyze 6.3.1")

    yield passes(testcase, "modern", servers(SERVER), here, says="TLSv1.2 and TLSv1.3, 1 suite of TLS 1.2")
    yield passes(testcase, "says with what", servers(SERVER), here, says="profile 5.7, as sslyze 6.3.1 sees")
    of_rsa = replace(CERTIFICATE, key="rsa", curve="", bits=2048, signature="sha256WithRSAEncryption")
    yield passes(testcase, "an RSA key", servers(replace(SERVER, certificates=(of_rsa,))), here, says="rsa 2048")
    both = replace(SERVER, certificates=(replace(of_rsa, signature="sha512WithRSAEncryption"), CERTIFICATE))
    yield passes(testcase, "one good signature of two", servers(both), here)
    for why, server, says in _off_profile(of_rsa):
        yield fails(testcase, why, servers(server), here, says=says)
    plain = catalog("https://compute.example.org", "http://image.example.org")
    yield fails(testcase, "one without TLS", servers(SERVER), plain, says="endpoint image: no TLS, at http://image")
    yield fails(testcase, "no TLS at all", servers(), catalog("http://127.0.0.1:8774"), says="1 of 1 public server")
    dead = TlsServer(address="image.example.org:443", services=("image",), problem="no TLS session: timed out")
    yield undetermined(
        testcase, "one unknown", servers(SERVER, dead), here, says="image.example.org:443 (image): no TLS"
    )
    worse = replace(SERVER, versions=frozenset({"TLSv1"}))
    yield fails(testcase, "one bad, one unknown", servers(worse, dead), here, says="no TLS session: timed out")
    yield undetermined(testcase, "nothing", servers(), catalog(), says="nothing to look at")


def _off_profile(of_rsa: TlsCertificate) -> Iterator[tuple[str, TlsServer, str]]:
    old = frozenset({"TLSv1", "TLSv1.1", "TLSv1.2"})
    yield "old versions", replace(SERVER, versions=old), "protocol versions TLSv1, TLSv1.1"
    cbc = frozenset({"TLS_RSA_WITH_AES_128_CBC_SHA"})
    yield "old suites", replace(SERVER, suites=cbc), "cipher suites TLS_RSA_WITH_AES_128_CBC_SHA"
    ccm = frozenset({"TLS_AES_128_CCM_SHA256"})
    yield "another suite of 1.3", replace(SERVER, suites_13=ccm), "TLS 1.3 suites TLS_AES_128_CCM_SHA256"
    yield "another curve", replace(SERVER, curves=frozenset({"secp521r1"})), "curves secp521r1"
    yield "a small group", replace(SERVER, dh_bits=1024), "groups of 1024 bits"
    yield "a weakness", replace(SERVER, weaknesses=("Heartbleed",)), "Heartbleed"
    for why, certificate, says in (
        ("no authority", replace(CERTIFICATE, distrust="unknown issuer"), "not trusted: unknown issuer"),
        ("a long life", replace(CERTIFICATE, lifespan_days=825), "for 825 days"),
        ("a curve of a key", replace(CERTIFICATE, curve="secp521r1"), "on the curve secp521r1"),
        ("a short key", replace(of_rsa, bits=1024), "an RSA key of 1024 bits"),
        ("another key", replace(CERTIFICATE, key="Ed25519PublicKey"), "keys of the kind Ed25519PublicKey"),
        ("a weak signature", replace(of_rsa, signature="sha1WithRSAEncryption"), "signed with sha1WithRSA"),
    ):
        yield why, replace(SERVER, certificates=(certificate,)), says


def _standard_network() -> Iterator[Example]:
    testcase = "scs-0126-standard-network"
    inside = replace(NETWORK, name="inside", is_default=False, is_external=False, is_shared=True)
    shared = replace(NETWORK, is_shared=True)

    def networks(*items: ProviderNetwork) -> ProviderNetworks:
        return ProviderNetworks(items=items)

    yield passes(testcase, "external", networks(NETWORK), says="The default network public is external.")
    yield passes(testcase, "shared, too", networks(shared), says="external, shared, with port security")
    yield passes(testcase, "beside another", networks(NETWORK, inside), says="the project sees 2 provider networks")
    yield fails(testcase, "none", networks(), says="The project sees no provider network")
    yield fails(testcase, "no default", networks(inside), says="None of 1 provider network is marked as default")
    yield fails(testcase, "two defaults", networks(NETWORK, shared), says="2 of 2 provider networks are marked")
    yield fails(testcase, "not external", networks(replace(shared, is_external=False)), says="not external, shared")
    open_ = replace(shared, has_port_security=False)
    yield fails(testcase, "shared without port security", networks(open_), says="without port security")
    unknown = replace(NETWORK, is_default=None)
    yield undetermined(testcase, "defaults are not shown", networks(unknown), says="does not say which network")


def _pools() -> Iterator[Example]:
    own, four = replace(POOL, is_shared=False), replace(POOL, name="ipv4", ip_version=4, longest_prefix=32)

    def pools(*items: SubnetPool) -> SubnetPools:
        return SubnetPools(items=items)

    testcase = "scs-0126-ipv6-pool"
    yield passes(testcase, "one", pools(POOL), says="Of 1 shared IPv6 subnet pool, ipv6 is the default")
    yield passes(testcase, "beside others", pools(POOL, replace(POOL, is_default=False), four))
    yield fails(testcase, "none", pools(), says="no shared IPv6 subnet pool")
    yield fails(testcase, "one of one's own", pools(own, four), says="no shared IPv6 subnet pool")
    yield fails(testcase, "no default", pools(replace(POOL, is_default=False)), says="None of 1 shared IPv6")
    yield fails(testcase, "two defaults", pools(POOL, POOL), says="2 of 2 shared IPv6 subnet pools are marked")
    yield fails(
        testcase, "only longer ones", pools(replace(POOL, shortest_prefix=80)), says="gives no prefix of length"
    )

    testcase = "scs-0126-ipv4-pool"
    yield passes(testcase, "one", pools(POOL, four), says="Of 1 shared IPv4 subnet pool, ipv4 is the default")
    yield fails(testcase, "no default", pools(replace(four, is_default=False)), says="None of 1 shared IPv4")
    yield fails(testcase, "two defaults", pools(four, four), says="2 of 2 shared IPv4 subnet pools are marked")
    yield undetermined(testcase, "none", pools(POOL), says="is optional")


def _refusals() -> Iterator[Example]:
    testcase, known = "scs-0126-no-own-provider-networks", extensions("provider")
    unknown_type = replace(FORBIDDEN, answer="400: network_type not supported", status=400)
    yield passes(
        testcase, "refused", ProviderNetworkTrial(trial=FORBIDDEN), known, says="A member is refused a network"
    )
    yield fails(testcase, "only the type is unknown", ProviderNetworkTrial(trial=unknown_type), known, says="400")
    yield fails(testcase, "created", ProviderNetworkTrial(trial=DONE), known, says="A member may ask for a network")
    yield undetermined(testcase, "no quota", ProviderNetworkTrial(trial=BUSY), known, says="failed for another reason")
    yield undetermined(
        testcase, "no such attribute", ProviderNetworkTrial(trial=unknown_type), extensions(), says="no attributes of"
    )

    testcase = "scs-0126-rbac-restricted"
    yield passes(testcase, "refused", SharingTrial(trial=FORBIDDEN), says="A member is refused a Networking RBAC rule")
    yield fails(testcase, "allowed", SharingTrial(trial=DONE), says="A member may ask for a Networking RBAC rule")
    yield undetermined(testcase, "no such API", SharingTrial(trial=ABSENT), says="failed for another reason: 404")


def extensions(*aliases: str) -> NetworkExtensions:
    return NetworkExtensions(aliases=frozenset({"router", *aliases}))


def _dns() -> Iterator[Example]:
    nothing = NetworkExtensions(aliases=frozenset())
    testcase = "scs-0127-dns-integration"
    yield passes(testcase, "enabled", extensions("dns-integration"), says="offers dns-integration")
    yield passes(testcase, "included", extensions("subnet-dns-publish-fixed-ip"), says="offers subnet-dns-publish")
    yield fails(testcase, "absent", extensions(), says="lacks dns-integration")
    yield undetermined(testcase, "no extension at all", nothing, says="lists no extension at all")

    testcase, zones = "scs-0127-dns-service", DnsZones(names=("example.org.",))
    yield passes(testcase, "enabled", zones, extensions("dns-domain-ports"), says="The DNS service lists 1 zone.")
    yield fails(testcase, "names only", zones, extensions("dns-integration"), says="lacks dns-domain-ports")
    yield undetermined(testcase, "no extension at all", zones, nothing, says="lists no extension at all")

    testcase = "scs-0127-internal-names"
    port = PortName(wanted="web", given="web", addresses=(("10.0.0.5", "web.cloud.example"),))
    yield passes(testcase, "named", port, says="is entered as web.cloud.example")
    by_address = replace(port, addresses=(("10.0.0.5", "host-10-0-0-5.openstacklocal"),))
    yield fails(testcase, "by its address", by_address, says="entered otherwise: host-10-0-0-5")
    yield fails(testcase, "no names", PortName(wanted="web", given="", addresses=()), says="port: no name")
    yield undetermined(testcase, "no address", replace(port, addresses=()), says="shows no address under it")


def _manager() -> Iterator[Example]:
    failed_within = replace(FORBIDDEN, what="create a project")
    for testcase, bad, says in (
        (
            "scs-0302-manages-own-domain",
            replace(MANAGER, within=(*MANAGER.within, failed_within)),
            "could not create a",
        ),
        (
            "scs-0302-keeps-to-own-domain",
            replace(MANAGER, beyond=(*MANAGER.beyond, replace(DONE, what="see a user of another domain"))),
            "The manager of village could see a user of another domain, and 1 of 2 things in all",
        ),
        ("scs-0302-grants-no-admin", replace(MANAGER, powers=(replace(DONE, what="create a role"),)), "create a role"),
    ):
        yield passes(testcase, "as it should be", MANAGER, says="The manager of village")
        yield fails(testcase, "one thing is otherwise", bad, says=says)
        admin = replace(bad, roles=frozenset({"admin", "manager"}))
        yield undetermined(testcase, "an administrator", admin, says="has the role admin")
        yield undetermined(testcase, "no manager", replace(bad, roles=frozenset({"member"})), says="not have the role")
    yield undetermined(
        "scs-0302-grants-no-admin", "nothing tried", replace(MANAGER, powers=()), says="Nothing could be"
    )
