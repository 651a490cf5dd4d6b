"""What the public endpoints speak of TLS: each host and port is looked at once, by sslyze."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from allmende.collect.collector import collector
from allmende.collect.rows import Row
from allmende.collect.visit import Visit
from allmende.errors import CloudProtocolError
from allmende.facts.openstack import Catalog
from allmende.facts.tls import TlsCertificate, TlsServer, TlsServers
from allmende.programs.sslyze import scanned

HTTPS_PORT = 443
_KEYS = {"ECPublicKey": "ecdsa", "RSAPublicKey": "rsa"}
_NOBODY = "candidates exhausted"  # how the verifier says that it found no authority
_STORES = ("Supplied CA file", "Mozilla")
# sslyze's names of results, with those of versions in Mozilla's profiles
_VERSIONS = {
    "ssl_2_0_cipher_suites": "SSLv2",
    "ssl_3_0_cipher_suites": "SSLv3",
    "tls_1_0_cipher_suites": "TLSv1",
    "tls_1_1_cipher_suites": "TLSv1.1",
    "tls_1_2_cipher_suites": "TLSv1.2",
    "tls_1_3_cipher_suites": "TLSv1.3",
}
_WEAKNESSES = {
    ("tls_compression", "supports_compression", True): "TLS compression (CRIME)",
    ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection", True): "OpenSSL's CCS injection",
    ("tls_fallback_scsv", "supports_fallback_scsv", False): "no TLS_FALLBACK_SCSV against downgrades",
    ("heartbleed", "is_vulnerable_to_heartbleed", True): "Heartbleed",
    ("robot", "robot_result", "VULNERABLE_STRONG_ORACLE"): "ROBOT",
    ("session_renegotiation", "supports_secure_renegotiation", False): "insecure renegotiation",
    ("tls_extended_master_secret", "supports_ems_extension", False): "no Extended Master Secret",
}


@collector(seconds=600.0, usual_seconds=15.0)
async def tls_servers(visit: Visit) -> TlsServers:
    """Some hundred connections a server, none of them with a credential; nothing at all where nobody speaks https.

    The first time, sslyze is installed into an environment of its own.
    """
    catalog = await visit.fact(Catalog)
    services = defaultdict(list)
    for entry in catalog.items:
        if address := _address(entry.public_url or ""):
            services[address].append(entry.type)
    if not services:
        return TlsServers(items=())
    visit.say(TlsServers, f"looking at the TLS of {len(services)} servers")
    document = await scanned(sorted(services), visit.cache, visit.cloud.authority)
    try:
        items = tuple(_servers(document, services))
    except (KeyError, TypeError, ValueError, IndexError, StopIteration) as error:
        raise CloudProtocolError(f"sslyze described the servers in an unknown form: {error!r}.") from None
    return TlsServers(items=items, scanner=f"sslyze {document['sslyze_version']}")


def _address(url: str) -> str:
    """Return `HOST:PORT` of an address with https, as sslyze takes it; nothing for another one."""
    parts = urlsplit(url)
    if parts.scheme.lower() != "https" or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{parts.port or HTTPS_PORT}"


def _servers(document: Row, services: Mapping[str, Iterable[str]]) -> Iterator[TlsServer]:
    for invalid in document["invalid_server_strings"]:
        name = str(invalid["server_string"])
        yield TlsServer(address=name, services=_of(services, name), problem=str(invalid["error_message"]))
    for row in document["server_scan_results"]:
        location = row["server_location"]
        host = f"[{location['hostname']}]" if ":" in location["hostname"] else location["hostname"]
        address = f"{host}:{location['port']}"
        problem = _problem(row)
        if problem:
            yield TlsServer(address=address, services=_of(services, address), problem=problem)
        else:
            yield _server(address, _of(services, address), row["scan_result"])


def _of(services: Mapping[str, Iterable[str]], address: str) -> tuple[str, ...]:
    return tuple(sorted(services.get(address, ())))


def _problem(row: Row) -> str:
    """Say why the scan of a server did not come to an end, if so."""
    if row["scan_status"] != "COMPLETED":
        trace = [line for line in str(row["connectivity_error_trace"] or "").splitlines() if line.strip()]
        words = trace[-1].rpartition("-> ")[2].strip(' ".') if trace else "no answer"
        return f"no TLS session: {words}"
    wanted = (*_VERSIONS, "certificate_info", "elliptic_curves", *(name for name, *_ in _WEAKNESSES))
    unfinished = [name for name in wanted if row["scan_result"][name]["status"] != "COMPLETED"]
    return f"the scan did not finish: {', '.join(unfinished)}" if unfinished else ""


def _server(address: str, services: tuple[str, ...], scan: Row) -> TlsServer:
    accepted = {
        version: scan[name]["result"]["accepted_cipher_suites"]
        for name, version in _VERSIONS.items()
        if scan[name]["result"]["is_tls_version_supported"]
    }
    older = [suite for version, suites in accepted.items() if version != "TLSv1.3" for suite in suites]
    keys = [suite["ephemeral_key"] for suite in older if suite["ephemeral_key"]]
    return TlsServer(
        address=address,
        services=services,
        versions=frozenset(accepted),
        suites=frozenset(suite["cipher_suite"]["name"] for suite in older),
        suites_13=frozenset(suite["cipher_suite"]["name"] for suite in accepted.get("TLSv1.3", ())),
        curves=frozenset(curve["name"] for curve in scan["elliptic_curves"]["result"]["supported_curves"] or ()),
        dh_bits=min((key["size"] for key in keys if key["type_name"] == "DH"), default=None),
        certificates=tuple(
            _certificate(shown) for shown in scan["certificate_info"]["result"]["certificate_deployments"]
        ),
        weaknesses=tuple(words for (name, key, bad), words in _WEAKNESSES.items() if scan[name]["result"][key] == bad),
    )


def _certificate(deployment: Row) -> TlsCertificate:
    leaf = deployment["received_certificate_chain"][0]
    key = leaf["public_key"]
    lifespan = datetime.fromisoformat(leaf["not_valid_after"]) - datetime.fromisoformat(leaf["not_valid_before"])
    return TlsCertificate(
        subject=str(leaf["subject"]["rfc4514_string"]),
        key=_KEYS.get(key["algorithm"].lstrip("_"), str(key["algorithm"])),
        curve=str(key["ec_curve_name"] or ""),
        bits=int(key["key_size"] or 0),
        signature=str(leaf["signature_algorithm_oid"]["name"]),
        lifespan_days=lifespan.days,
        distrust="" if deployment["verified_certificate_chain"] else _distrust(deployment),
    )


def _distrust(deployment: Row) -> str:
    """Say why neither the given authority nor those that Mozilla trusts lead to it, in the verifier's words."""
    reasons = {
        row["trust_store"]["name"]: str(row["validation_error"]) for row in deployment["path_validation_results"]
    }
    words = next((reasons[name] for name in _STORES if name in reasons), "")
    if not words or _NOBODY in words:
        return "no known authority signed it"
    return words.partition(" (encountered")[0]
