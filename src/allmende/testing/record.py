"""A record to look at and to test pages with: invented providers, whose reports pass, fail, stay undetermined or age.

Everything goes through the registry's own doors: each report is signed, and accepted like any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from allmende.canonical import digest
from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import ensure_account, ensure_grant, ensure_key, ensure_subject
from allmende.registry.run.registry import Registry
from allmende.report import formats
from allmende.report.document import Report, ReportedEvidence, ReportedExclusion, Result, Tool
from allmende.report.formats import Form
from allmende.report.keys import ed25519_key
from allmende.report.sign import joined, signed
from allmende.standards.model import Standards, Testcase

Reported = Literal[Outcome.PASS, Outcome.FAIL, Outcome.DNF]
Says = Callable[[Testcase], Reported | None]
RUN_TIME = timedelta(seconds=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A subject and what its newest report said of each testcase, how long ago; None leaves the testcase out.

    `excludes` says how many days after the report the exclusion of a testcase ends.
    """

    subject: Subject
    says: Says
    age: timedelta
    scope: str = "iaas"
    excludes: Mapping[str, int] = field(default_factory=dict)


def all_pass(testcase: Testcase) -> Reported | None:
    """Say that everything passes that a program can judge."""
    return Outcome.PASS if testcase.automated else None


def except_for(outcome: Reported | None, *beginnings: str) -> Says:
    """Say that everything passes but the testcases whose ids begin like this."""

    def says(testcase: Testcase) -> Reported | None:
        return outcome if testcase.id.startswith(beginnings) else all_pass(testcase)

    return says


def examples() -> tuple[Example, ...]:
    """Return eight providers: every outcome, a group, two scopes, one about to expire, one that is stale."""
    alpenrand = _subject("alpenrand", "Alpenrand Cloud", "Alpenrand Hosting AG", "Public cloud for customers", "CH")
    hafenwolke = _subject("hafenwolke", "Hafenwolke", "Hafen IT GmbH", "Public cloud, two availability zones")
    moorland_a, moorland_b, moorland_c = (
        replace(_subject(f"moorland-{x}", f"Moorland {x}", "Moor Digital eG", "Public cloud"), group="Moorland")
        for x in "abc"
    )
    return (
        Example(subject=alpenrand, says=all_pass, age=timedelta(hours=3)),
        Example(subject=alpenrand, says=all_pass, age=timedelta(hours=5), scope="kaas"),
        Example(
            subject=hafenwolke,
            says=except_for(Outcome.FAIL, "scs-0103-flavor-2v-8", "scs-0102-prop-os_version"),
            age=timedelta(minutes=40),
            excludes={"scs-0102-prop-os_version": 70},
        ),
        Example(subject=moorland_a, says=all_pass, age=timedelta(hours=8)),
        Example(subject=moorland_b, says=all_pass, age=timedelta(days=2)),
        Example(subject=moorland_c, says=except_for(Outcome.DNF, "scs-0117", "scs-0114"), age=timedelta(hours=8)),
        Example(
            subject=_subject("stadtwerk", "Stadtwerk RZ", "Stadtwerk Musterstadt", "Private cloud of a municipality"),
            says=except_for(None, "scs-0101", "scs-0117", "scs-0123-swift-s3"),
            age=timedelta(hours=1),
        ),
        Example(
            subject=_subject("kantonswolke", "Kantonswolke", "Informatik des Kantons", "Cloud of a canton", "CH"),
            says=except_for(Outcome.FAIL, "scs-0102-prop-hash_algo"),
            age=timedelta(days=11),
            excludes={"scs-0102-prop-hash_algo": 5, "domain-manager-check": 90},
        ),
        Example(
            subject=_subject("talstrom", "Talstrom", "Talstrom Rechenzentren KG", "Public cloud for customers"),
            says=all_pass,
            age=timedelta(days=20),
        ),
    )


def fill(registry: Registry, now: datetime) -> None:
    """Fill the record with `examples()`, and with one subject that never reported."""
    ensure_subject(registry, _subject("fjordblick", "Fjordblick", "Fjord Systems AS", "Pilot, not yet checked", "NO"))
    for example in examples():
        ensure_subject(registry, example.subject)
        report = report_of(example, registry.standards, now)
        submit(registry, report, now - example.age + RUN_TIME)


def submit(registry: Registry, report: Report, now: datetime) -> Receipt:
    """Sign the report with its subject's own key and have it accepted; RuntimeError when the registry refuses it."""
    name = f"{report.subject}-ci"
    key = ed25519_key(bytes.fromhex(digest(name.encode())))
    ensure_account(registry, name, now)
    ensure_key(registry, name, key.public, now)
    ensure_grant(registry, name, report.subject)
    account = ensure_account(registry, name, now)
    content = formats.write(Form.OWN, [report])
    answer = accept(registry, account, Form.OWN, joined(signed(content, key), content), now)
    if not isinstance(answer, Receipt):
        raise RuntimeError(answer.detail)  # noqa: TRY004 -- a refusal, not a wrong type
    return answer


def _subject(id_: str, name: str, operator: str, description: str, country: str = "DE") -> Subject:
    return Subject(id=id_, name=name, operator=operator, description=description, country=country)


def report_of(example: Example, standards: Standards, now: datetime) -> Report:
    """Return the report of an example over all testcases that any version of its scope has."""
    scope = standards.scope(example.scope)
    testcases = dict.fromkeys(id_ for version in scope.versions for id_ in version.testcases())
    said = [(standards.testcases[id_], example.says(standards.testcases[id_])) for id_ in testcases]
    finished_at = now - example.age
    return Report(
        id=uuid5(NAMESPACE_URL, f"{example.subject.id}/{scope.uuid}/{finished_at}"),
        subject=example.subject.id,
        scope=UUID(scope.uuid),
        scope_name=scope.name,
        started_at=finished_at - RUN_TIME,
        finished_at=finished_at,
        requests=23,
        tool=Tool(name="allmende", version="0.1.0"),
        results=tuple(_result(testcase, outcome, finished_at) for testcase, outcome in said if outcome),
        exclusions=tuple(_exclusion(id_, finished_at, days) for id_, days in example.excludes.items()),
    )


def _exclusion(testcase: str, finished_at: datetime, days: int) -> ReportedExclusion:
    return ReportedExclusion(
        testcase=testcase,
        reason="The vendor's image is replaced in the next maintenance window.",
        owner="Image team <images@example.org>",
        expires=(finished_at + timedelta(days=days)).date(),
    )


def _result(testcase: Testcase, outcome: Reported, checked_at: datetime) -> Result:
    summary, evidence = _said(testcase, outcome)
    return Result(testcase=testcase.id, outcome=outcome, summary=summary, checked_at=checked_at, evidence=evidence)


def _said(testcase: Testcase, outcome: Reported) -> tuple[str, tuple[ReportedEvidence, ...]]:
    if outcome is Outcome.PASS:
        return "Everything that is demanded was seen.", ()
    if outcome is Outcome.DNF:
        return "The volume service did not answer within 30 s.", ()
    flavor = testcase.parameters.get("flavor")
    if flavor:
        wrong = ReportedEvidence(subject=f"flavor {flavor}", seen="8000 MiB", demanded="8192 MiB of memory", ok=False)
        return f"The flavor {flavor} has too little memory.", (wrong,)
    images = (
        ReportedEvidence(subject="image Ubuntu 22.04", seen="not set", demanded="a version number", ok=False),
        ReportedEvidence(subject="image Debian 12", seen="12", demanded="a version number"),
    )
    return "1 of 2 public images lacks it.", images
