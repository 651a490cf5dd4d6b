"""scs-0123 and the presence part of scs-0116: services that users find in the catalog.

That a service works is not judged here, except that the object store answers as S3 does.
"""

from collections.abc import Iterable
from dataclasses import replace

from allmende.checks.catalog import check, checks
from allmende.checks.evidence import none_of
from allmende.checks.working import shown
from allmende.facts.openstack import Catalog, CatalogEntry, S3Probe
from allmende.facts.openstack_work import S3Work
from allmende.outcome import Evidence, Finding, Unavailable, failed, passed, undetermined
from allmende.standards.model import Testcase

# What the public test suite takes as proof of an S3 API; any other S3 error document proves it as well.
REFUSALS = ("InvalidAccessKeyId", "NoSuchKey")


@checks("scs-0123-service-{}", "scs-0123-storage-apis")
def the_service_is_in_the_catalog(catalog: Catalog, testcase: Testcase) -> Finding:
    """The catalog has a service of the type, or of one of its names, with a public endpoint in this region."""
    types = testcase.parameters["types"]
    return in_catalog(catalog, (types,) if isinstance(types, str) else types)


@check("scs-0123-swift-s3")
def the_object_store_speaks_s3(probe: S3Probe | Unavailable, work: S3Work | Unavailable, catalog: Catalog) -> Finding:
    """The object store lists buckets for an EC2 credential of the member, or refuses an unknown key as S3 does.

    Where the user may make an EC2 credential, one is made, used once and removed. Where not, or where only that fails,
    the answer to a request of an unknown access key decides, as in the public test suite: an S3 error document.
    The public test suite takes InvalidAccessKeyId and NoSuchKey; any other S3 error document shows as well that S3 is
    spoken, and is taken with a note. An answer of a broken server proves nothing. Where the catalog has no object
    store, S3 cannot be tested in this way, and that is not counted as passed.
    """
    if isinstance(work, S3Work) and work.attempts.failure is None:
        return passed(f"The object store at {work.url} listed the buckets of the member.", shown(work.attempts))
    if isinstance(probe, Unavailable):
        return _not_asked(probe, catalog)
    finding = _answered_a_stranger(probe)
    return replace(finding, notes=(*finding.notes, _why_not_used(work)))


def _not_asked(probe: Unavailable, catalog: Catalog) -> Finding:
    trace = f" [{probe.request_id}]" if probe.request_id and probe.request_id not in probe.reason else ""
    finding = undetermined(f"No S3 API could be asked{trace}: {probe.reason}")
    if catalog.items and not any(entry.type == "object-store" for entry in catalog.items):
        return replace(finding, notes=("The public test suite passes a cloud without object store in its catalog.",))
    return finding


def _answered_a_stranger(probe: S3Probe) -> Finding:
    answer = f"S3 error {probe.error_code}" if probe.error_code else "no S3 error document"
    seen = f"HTTP {probe.http_status}, {answer}"
    evidence = Evidence(
        subject=f"address {probe.url}", seen=seen, demanded="an S3 error document", ok=bool(probe.error_code)
    )
    if probe.http_status >= 500:
        return undetermined(f"The object store answered with a server error (HTTP {probe.http_status}).", [evidence])
    if not probe.error_code:
        return failed(f"The object store does not speak S3: it answered {seen}.", [evidence])
    notes = [] if probe.error_code in REFUSALS else [f"The public test suite takes only {' and '.join(REFUSALS)}."]
    return passed(f"The object store speaks S3: it answered {probe.error_code}.", [evidence], notes=notes)


def in_catalog(catalog: Catalog, types: Iterable[str]) -> Finding:
    """Judge «a service of one of `types` is in the catalog, with a public endpoint»."""
    wanted = tuple(types)
    if not catalog.items:
        return undetermined("The service catalog is empty, although somebody could sign in; it was not shown to us.")
    evidence = [_found(entry) for entry in catalog.items if entry.type in wanted]
    usable = [item for item in evidence if item.ok]
    said = " or ".join(wanted)
    if usable:
        return passed(f"The catalog offers {usable[0].subject} at {usable[0].seen}.", usable)
    if evidence:
        return failed(f"The catalog names a service of type {said}, but no public endpoint in this region.", evidence)
    absent = Evidence(subject=f"service of type {said}", seen="not in the catalog", demanded="in the catalog", ok=False)
    return failed(f"{none_of(len(catalog.items), 'service')} in the catalog is of type {said}.", [absent])


def _why_not_used(work: S3Work | Unavailable) -> str:
    if isinstance(work, Unavailable):
        return f"No EC2 credential of the member was used: {work.reason}"
    failure = work.attempts.failure
    return f"With an EC2 credential of the member it did not work ({failure.what}: {failure.seen})." if failure else ""


def _found(entry: CatalogEntry) -> Evidence:
    return Evidence(
        subject=f"service {entry.name or entry.type} of type {entry.type}",
        seen=entry.public_url or "no public endpoint",
        demanded="a public endpoint",
        ok=bool(entry.public_url),
    )
