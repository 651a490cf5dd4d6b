"""scs-0125, as far as it is seen from outside: public endpoints use TLS, and use it as Mozilla's profile wants it.

Internal endpoints, databases and queues are for people to judge.
"""

from collections.abc import Iterator

from allmende.checks.catalog import check
from allmende.checks.evidence import counted, every
from allmende.checks.tls_profile import PROFILE, deviations
from allmende.facts.openstack import Catalog, CatalogEntry
from allmende.facts.tls import TlsServer, TlsServers
from allmende.outcome import Evidence, Finding, failed, passed, undetermined

NO_ENDPOINT = "The catalog lists no public endpoint in this region, so there is nothing to look at."


@check("scs-0125-tls-endpoints")
def public_endpoints_use_https(catalog: Catalog) -> Finding:
    """The address of every public endpoint of this region begins with https.

    It makes no difference where the cloud runs: endpoints of a cloud on one's own machine are judged alike.
    """
    evidence = [_endpoint(entry) for entry in catalog.items if entry.public_url]
    if not evidence:
        return undetermined(NO_ENDPOINT)
    return every("endpoint", "an HTTPS address", evidence)


@check("scs-0125-tls-profile")
def tls_fits_the_intermediate_profile(servers: TlsServers, catalog: Catalog) -> Finding:
    """What sslyze saw of every server is within version 5.7 of Mozilla's intermediate profile.

    Criteria are those by which sslyze, and so the public test suite, compares: versions, suites, curves and sizes of
    keys, a trusted certificate of the profile's kinds and lifespan, and known weaknesses. An endpoint without TLS does
    not fit. OCSP stapling, the order of suites and the HSTS header are not looked at.
    """
    plain = [_without_tls(entry) for entry in catalog.items if entry.public_url and not _is_https(entry)]
    if not plain and not servers.items:
        return undetermined(NO_ENDPOINT)
    unknown = [_unknown(server) for server in servers.items if server.problem]
    seen = [item for server in servers.items if not server.problem for item in _seen(server)]
    wrong = [*plain, *(item for item in seen if not item.ok)]
    notes = [f"Compared with {PROFILE}, as {servers.scanner} sees the servers."] if servers.scanner else []
    total = len(servers.items) + len(plain)
    if wrong:
        offenders = len({item.subject for item in wrong})
        return failed(
            f"{offenders} of {counted(total, 'public server')} {'does' if offenders == 1 else 'do'} not fit the "
            f"intermediate profile, such as {wrong[0].subject}: {wrong[0].seen}.",
            [*wrong, *unknown],
            notes=notes,
        )
    if unknown:
        return undetermined(f"{len(unknown)} of {counted(total, 'public server')} could not be looked at.", unknown)
    return passed(f"The TLS of {counted(total, 'public server')} fits the intermediate profile.", seen, notes=notes)


def _is_https(entry: CatalogEntry) -> bool:
    return (entry.public_url or "").lower().startswith("https://")


def _endpoint(entry: CatalogEntry) -> Evidence:
    return Evidence(
        subject=f"endpoint {entry.type}",
        seen=entry.public_url or "no address",
        demanded="https://…",
        ok=_is_https(entry),
    )


def _without_tls(entry: CatalogEntry) -> Evidence:
    seen = f"no TLS, at {entry.public_url}"
    return Evidence(subject=f"endpoint {entry.type}", seen=seen, demanded=PROFILE, ok=False)


def _unknown(server: TlsServer) -> Evidence:
    return Evidence(subject=_name(server), seen=server.problem, demanded="a scan that came to an end", ok=False)


def _seen(server: TlsServer) -> Iterator[Evidence]:
    """Yield every deviation, or else what the server speaks."""
    found = list(deviations(server))
    for deviation in found:
        yield Evidence(subject=_name(server), seen=deviation.seen, demanded=deviation.demanded, ok=False)
    if not found:
        kinds = ", ".join(sorted({f"{shown.key} {shown.curve or shown.bits}" for shown in server.certificates}))
        words = f"{' and '.join(sorted(server.versions))}, {counted(len(server.suites), 'suite')} of TLS 1.2, {kinds}"
        yield Evidence(subject=_name(server), seen=words, demanded=PROFILE)


def _name(server: TlsServer) -> str:
    return f"{server.address} ({', '.join(server.services)})"
