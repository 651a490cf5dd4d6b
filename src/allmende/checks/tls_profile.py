"""Mozilla's intermediate TLS profile, and where what a server speaks is outside of it.

The profile is version 5.7 of <https://ssl-config.mozilla.org/guidelines/5.7.json>, the one that the pinned sslyze has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from allmende.facts.tls import TlsCertificate, TlsServer

PROFILE = "Mozilla's intermediate profile 5.7"
VERSIONS = frozenset({"TLSv1.2", "TLSv1.3"})
SUITES = frozenset(
    f"TLS_{exchange}_WITH_{cipher}"
    for exchange in ("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA")
    for cipher in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
)
SUITES_13 = frozenset({"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
CURVES = frozenset({"X25519", "secp256r1", "secp384r1"})
KEYS = frozenset({"ecdsa", "rsa"})
CERTIFICATE_CURVES = frozenset({"secp256r1", "secp384r1"})
SIGNATURES = frozenset({"sha256WithRSAEncryption", "ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512"})
RSA_BITS = 2048
DH_BITS = 2048
LONGEST_LIFESPAN_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Something outside of the profile: what was seen, and what the profile wants."""

    seen: str
    demanded: str


def deviations(server: TlsServer) -> Iterator[Deviation]:
    """Yield everything in which a server is outside of the profile."""
    yield from _superfluous("protocol versions", server.versions, VERSIONS)
    yield from _superfluous("cipher suites", server.suites, SUITES)
    yield from _superfluous("TLS 1.3 suites", server.suites_13, SUITES_13)
    yield from _superfluous("curves", server.curves, CURVES)
    if server.dh_bits is not None and server.dh_bits < DH_BITS:
        yield Deviation(seen=f"Diffie-Hellman groups of {server.dh_bits} bits", demanded=f"{DH_BITS} bits or more")
    for certificate in server.certificates:
        yield from _of_certificate(certificate)
    yield from _of_kinds(server.certificates)
    for weakness in server.weaknesses:
        yield Deviation(seen=weakness, demanded="no known weakness")


def _superfluous(what: str, offered: Iterable[str], allowed: frozenset[str]) -> Iterator[Deviation]:
    extra = sorted(set(offered) - allowed)
    if extra:
        yield Deviation(seen=f"{what} {', '.join(extra)}", demanded=f"only {', '.join(sorted(allowed))}")


def _of_certificate(certificate: TlsCertificate) -> Iterator[Deviation]:
    if certificate.distrust:
        yield Deviation(seen=f"a certificate that is not trusted: {certificate.distrust}", demanded="a trusted one")
    if certificate.key == "ecdsa" and certificate.curve not in CERTIFICATE_CURVES:
        allowed = " or ".join(sorted(CERTIFICATE_CURVES))
        yield Deviation(seen=f"a certificate on the curve {certificate.curve}", demanded=allowed)
    if certificate.key == "rsa" and certificate.bits < RSA_BITS:
        yield Deviation(seen=f"an RSA key of {certificate.bits} bits", demanded=f"{RSA_BITS} bits or more")
    if certificate.lifespan_days > LONGEST_LIFESPAN_DAYS:
        yield Deviation(
            seen=f"a certificate for {certificate.lifespan_days} days",
            demanded=f"{LONGEST_LIFESPAN_DAYS} days at most",
        )


def _of_kinds(certificates: Iterable[TlsCertificate]) -> Iterator[Deviation]:
    """One certificate of a good kind is enough, as for sslyze: a server may show several."""
    shown = tuple(certificates)
    if not any(certificate.key in KEYS for certificate in shown):
        keys = ", ".join(certificate.key for certificate in shown) or "none"
        yield Deviation(seen=f"keys of the kind {keys}", demanded=" or ".join(sorted(KEYS)))
    if not any(certificate.signature in SIGNATURES for certificate in shown):
        names = ", ".join(certificate.signature for certificate in shown) or "none"
        yield Deviation(seen=f"certificates signed with {names}", demanded=" or ".join(sorted(SIGNATURES)))
