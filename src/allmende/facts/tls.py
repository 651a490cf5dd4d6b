"""What the servers of a cloud's public endpoints speak of TLS, as a scan saw it."""

from dataclasses import dataclass

from allmende.facts.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCertificate:
    """A certificate that a server shows.

    `key` is its kind (`ecdsa`, `rsa`), `curve` or `bits` what it is of. `signature` is the name of the algorithm as
    X.509 has it (`sha256WithRSAEncryption`). `distrust` says why the chain is not trusted, and is empty where it is.
    """

    subject: str
    key: str
    signature: str
    lifespan_days: int
    curve: str = ""
    bits: int = 0
    distrust: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsServer:
    """What one host and port speaks; `problem` says why nothing is known of it, and is empty where something is.

    `versions` are named as in Mozilla's profiles (`TLSv1.2`), `suites` those up to TLS 1.2, `suites_13` those of 1.3,
    by their IANA names. `curves` are the groups offered for the key exchange. `dh_bits` is the smallest size of a
    Diffie-Hellman group, where such suites are offered. `weaknesses` are known ones, in words.
    """

    address: str
    services: tuple[str, ...]
    problem: str = ""
    versions: frozenset[str] = frozenset()
    suites: frozenset[str] = frozenset()
    suites_13: frozenset[str] = frozenset()
    curves: frozenset[str] = frozenset()
    dh_bits: int | None = None
    certificates: tuple[TlsCertificate, ...] = ()
    weaknesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsServers(Fact):
    """Every server of a public endpoint with https, each once, and the program that looked at them."""

    items: tuple[TlsServer, ...]
    scanner: str = ""
