"""The forms of a report: what is written is read again, what is clever or broken is refused with its place."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from allmende.errors import DocumentError
from allmende.outcome import Outcome
from allmende.report.document import Report, ReportedEvidence, ReportedExclusion, Result, Tool
from allmende.report.formats import Form, own, read, recognised, write

SCOPE = UUID("50393e6f-2ae1-4c5c-a62c-3b75f2abef3f")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[3]

UPSTREAM: Mapping[str, Any] = {
    "spec": {"uuid": str(SCOPE), "name": "SCS-compatible IaaS", "url": "https://example.org/iaas.yaml"},
    "checked_at": datetime(2026, 11, 23, 12),  # noqa: DTZ001 -- the public tools write local time without an offset
    "reference_date": NOON.date(),
    "subject": "gx-scs",
    "run": {
        "uuid": "def374a9-56a9-492c-b113-330d491c58c7",
        "argv": ["scs-compliance-check.py"],
        "assignment": {"os_cloud": "gx-scs"},
        "sections": None,
        "forced_version": None,
        "forced_tests": None,
        "invocations": {
            "4f1b": {
                "id": "4f1b",
                "cmd": "iaas/flavors.py",
                "results": {"scs-0100-syntax-check": 1, "scs-0103-flavor-2v-8": -1, "scs-0104-image-debian-12": 0},
                "rc": 1,
                "stdout": ["scs-0100-syntax-check: PASS"],
                "stderr": ["ERROR: flavor SCS-2V-8 is missing", "DEBUG: noise"],
            }
        },
    },
}


def _yaml(*documents: object) -> bytes:
    return yaml.safe_dump_all(documents, explicit_start=True, sort_keys=False).encode()


def _changed(**changes: object) -> bytes:
    return _yaml({**UPSTREAM, **changes})


words = st.text(st.characters(codec="utf-8"), max_size=30)
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=30)
moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
results = st.builds(
    Result,
    testcase=names,
    outcome=st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.DNF]),
    summary=words,
    checked_at=moments,
    evidence=st.tuples(st.builds(ReportedEvidence, subject=words, seen=words, demanded=words, ok=st.booleans())),
    notes=st.tuples(words),
)
reports = st.builds(
    Report,
    id=st.uuids(),
    subject=names,
    scope=st.uuids(),
    scope_name=names,
    started_at=moments,
    finished_at=moments,
    complete=st.booleans(),
    requests=st.integers(min_value=0, max_value=10**6),
    tool=st.builds(Tool, name=names, version=names),
    results=st.lists(results, max_size=5, unique_by=lambda result: result.testcase).map(tuple),
    exclusions=st.lists(
        st.builds(
            ReportedExclusion,
            testcase=names,
            reason=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
            owner=names,
            expires=st.dates(),
        ),
        max_size=2,
    ).map(tuple),
)


@given(reports)
def test_our_form_says_everything(report: Report) -> None:
    content = write(Form.OWN, [report])
    assert read(Form.OWN, content) == (report,)
    assert recognised(content) is Form.OWN


@given(reports)
def test_our_form_follows_its_schema(report: Report) -> None:
    jsonschema.validate(json.loads(write(Form.OWN, [report])), own.schema())


@given(st.lists(reports, max_size=3), st.sampled_from([Form.UPSTREAM_YAML, Form.UPSTREAM_JSON]))
def test_the_test_suites_form_keeps_every_outcome(several: list[Report], form: Form) -> None:
    several = several[:1] if form is Form.UPSTREAM_JSON else several
    if form is Form.UPSTREAM_JSON and not several:
        return
    content = write(form, several)
    found = read(form, content)
    assert [(r.id, r.subject, r.scope, r.complete) for r in found] == [
        (r.id, r.subject, r.scope, r.complete) for r in several
    ]
    for before, after in zip(several, found, strict=True):
        assert {r.testcase: r.outcome for r in after.results} == {r.testcase: r.outcome for r in before.results}
        assert all(r.checked_at <= b.checked_at for r, b in zip(after.results, before.results, strict=True))


def test_a_report_of_the_test_suite_is_read() -> None:
    (report,) = read(Form.UPSTREAM_YAML, _yaml(UPSTREAM))
    assert (report.subject, report.scope, report.finished_at, report.complete) == ("gx-scs", SCOPE, NOON, True)
    assert {r.testcase: r.outcome for r in report.results} == {
        "scs-0100-syntax-check": Outcome.PASS,
        "scs-0103-flavor-2v-8": Outcome.FAIL,
        "scs-0104-image-debian-12": Outcome.DNF,
    }
    assert report.results[1].notes == ("ERROR: flavor SCS-2V-8 is missing",)


def test_a_time_with_an_offset_is_kept() -> None:
    aware = datetime(2026, 11, 23, 13, tzinfo=timezone(timedelta(hours=1)))
    (report,) = read(Form.UPSTREAM_YAML, _changed(checked_at=aware))
    assert report.finished_at == NOON


def test_an_older_report_lists_its_results_per_version() -> None:
    versions = {
        "v4": {"scs-0100-syntax-check": {"result": 1, "invocation": "4f1b"}},
        "v5.1": {"scs-0100-syntax-check": {"result": 1, "invocation": "4f1b"}},
    }
    (report,) = read(Form.UPSTREAM_YAML, _changed(versions=versions))
    assert [(r.testcase, r.outcome) for r in report.results] == [("scs-0100-syntax-check", Outcome.PASS)]

    versions["v4"]["scs-0100-syntax-check"]["result"] = -1
    with pytest.raises(DocumentError, match="two different results"):
        read(Form.UPSTREAM_YAML, _changed(versions=versions))


def test_a_stream_holds_several_reports() -> None:
    assert len(read(Form.UPSTREAM_YAML, _yaml(UPSTREAM, None, UPSTREAM))) == 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"a: [", "not YAML: line"),
        (b"a: &x 1\nb: *x\n", "Anchors and aliases"),
        (b"a: !!python/object:os.system x\n", "Tags are not accepted"),
        (b"a: 1\na: 2\n", "occurs twice"),
        (b"[" * 40 + b"]" * 40, "nested too deeply"),
        (b"a: \x00", "characters that YAML does not allow"),
        (b"checked_at: 2026-13-45\n", "cannot be read"),
        (b"a: " + b"9" * 5000, "cannot be read"),
        (b"? {a: 1}\n: 2\n", "not YAML"),
        (b"--- {}\n" * 51, "more than 50 documents"),
        (b"[" + b"1," * 200_000 + b"1]", "too many values"),
        (b"just text", "form of the SCS test suite"),
        (_changed(checked_at="yesterday"), "checked_at"),
        (_changed(subject=["a"]), "subject"),
        (_changed(spec={"uuid": "iaas", "name": "IaaS"}), r"spec\.uuid"),
        (_changed(run={**UPSTREAM["run"], "invocations": {"x": {"results": {"scs-0100-syntax-check": 2}}}}), "results"),
    ],
)
def test_what_is_clever_or_broken_is_refused(content: bytes, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        read(Form.UPSTREAM_YAML, content)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "not JSON: line 1"),
        (b'{"a": 1, "a": 2}', "occurs twice"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b"{}", "schema"),
        (b"[]", "schema"),
        (b'{"schema": "allmende.report/2"}', "schema"),
        (b'{"schema": "allmende.report/1", "mood": "good"}', "and 6 more"),
    ],
)
def test_our_form_is_read_strictly(content: bytes, complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        read(Form.OWN, content)


@given(st.binary(max_size=200), st.sampled_from(list(Form)))
def test_no_bytes_make_a_reader_stumble(content: bytes, form: Form) -> None:
    try:
        found = read(form, content)
    except DocumentError:
        return
    assert found == ()


def test_an_outcome_that_is_no_result_cannot_be_reported() -> None:
    value = json.loads(write(Form.OWN, [_report(Outcome.PASS)]))
    value["results"][0]["outcome"] = "MISS"
    with pytest.raises(DocumentError, match=r"results\.0\.outcome"):
        read(Form.OWN, json.dumps(value).encode())


def test_control_characters_do_not_reach_the_record() -> None:
    report = _report(Outcome.PASS, summary="red \x1b[31mink\x00\tand\nlines")
    assert report.results[0].summary == "red \ufffd[31mink\ufffd\tand\nlines"


def test_a_report_without_exclusions_has_the_bytes_it_had_before_there_were_any() -> None:
    content = write(Form.OWN, [_report(Outcome.PASS)])
    assert b"exclusions" not in content
    assert read(Form.OWN, content)[0].exclusions == ()


def test_only_the_yaml_form_holds_several_reports() -> None:
    with pytest.raises(DocumentError, match="exactly one"):
        write(Form.OWN, [_report(Outcome.PASS)] * 2)


def test_the_published_schema_is_current() -> None:
    published = (REPOSITORY / "docs/reference/report.schema.json").read_text()
    assert json.loads(published) == own.schema(), "run: allmende report schema > docs/reference/report.schema.json"


def _report(outcome: Any, *, summary: str = "Seen.") -> Report:
    return Report(
        id=UUID(int=1),
        subject="gx-scs",
        scope=SCOPE,
        scope_name="SCS-compatible IaaS",
        started_at=NOON,
        finished_at=NOON,
        tool=Tool(name="allmende", version="0.1.0"),
        results=(Result(testcase="scs-0100-syntax-check", outcome=outcome, summary=summary, checked_at=NOON),),
    )
