"""A report in forms for others, and two reports compared, as a person types it."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from allmende.cli import report as report_commands
from allmende.errors import AllmendeError, DocumentError, UnknownNameError, UsageError
from allmende.outcome import Outcome
from allmende.report.formats import Form, write
from allmende.standards.load import load_standards
from allmende.testing.registry import made_report

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STANDARDS = load_standards()
READERS: dict[str, Any] = {
    "junit": ET.fromstring,
    "sarif": json.loads,
    "oscal": json.loads,
    "html": lambda content: content.decode().index("<!doctype html>"),
}


def _file(path: Path, outcomes: dict[str, Outcome], *, hours: int = 0, subject: str = "cloud") -> Path:
    path.write_bytes(write(Form.OWN, [made_report(STANDARDS, subject, NOON + timedelta(hours=hours), outcomes)]))
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return _file(tmp_path / "first.json", {"scs-0104-image-ubuntu-2404": Outcome.FAIL})


@pytest.fixture
def second(tmp_path: Path) -> Path:
    outcomes = {"scs-0103-flavor-2v-8": Outcome.FAIL, "scs-0115-default-rules": Outcome.MISS}
    return _file(tmp_path / "second.json", outcomes, hours=1)


def _run(*words: object) -> Result:
    return CliRunner().invoke(report_commands.app, [str(word) for word in words])


@pytest.mark.parametrize("form", READERS)
def test_a_report_is_converted_into_a_form_for_others(form: str, first: Path) -> None:
    answer = _run("convert", first, "--to", form)
    assert answer.exit_code == 0, answer.output
    READERS[form](answer.stdout_bytes)
    assert b"scs-0104-image-ubuntu-2404" in answer.stdout_bytes


def test_a_report_is_shown_for_the_version_that_is_named(first: Path) -> None:
    assert "SCS-compatible IaaS v5.1" in _run("convert", first, "--to", "html").stdout
    assert "SCS-compatible IaaS v4" in _run("convert", first, "--to", "html", "--version", "v4").stdout
    assert isinstance(_run("convert", first, "--to", "html", "--version", "v99").exception, UnknownNameError)


def test_a_report_for_a_scope_that_is_not_known_is_shown_all_the_same(first: Path) -> None:
    value = json.loads(first.read_bytes())
    value["scope"] = "00000000-0000-4000-8000-000000000000"
    first.write_text(json.dumps(value))
    answer = _run("convert", first, "--to", "html")
    assert answer.exit_code == 0
    assert "not known" in answer.stdout


def test_several_reports_are_converted_one_by_one(tmp_path: Path, first: Path) -> None:
    both = tmp_path / "both.yaml"
    yaml = _run("convert", first, "--to", "upstream-yaml").stdout_bytes
    both.write_bytes(yaml + yaml)
    error = _run("convert", both, "--to", "junit").exception
    assert isinstance(error, AllmendeError)
    assert "exactly one" in str(error)


def test_a_form_for_others_is_not_read_back(tmp_path: Path, first: Path) -> None:
    for form in READERS:
        other = tmp_path / f"other.{form}"
        other.write_bytes(_run("convert", first, "--to", form).stdout_bytes)
        assert isinstance(_run("show", other).exception, DocumentError)
        assert isinstance(_run("sign", other).exception, DocumentError)


def test_what_got_worse_is_told_first_and_to_the_shell(first: Path, second: Path) -> None:
    answer = _run("diff", first, second)
    assert answer.exit_code == 1
    lines = answer.stdout.splitlines()
    assert lines.index("Worse") < lines.index("Gone") < lines.index("Better")
    assert "  ✓ PASS → ✕ FAIL  scs-0103-flavor-2v-8" in lines
    assert "  ✓ PASS → – MISS  scs-0115-default-rules" in lines  # noqa: RUF001 -- the symbol of missing
    assert lines[-1].startswith("1 worse, 0 unclear, 0 new, 1 gone, 1 better, ")
    assert [line for line in lines if len(line) > 80] == []


def test_nothing_worse_is_success(first: Path, tmp_path: Path) -> None:
    assert _run("diff", first, first).exit_code == 0
    assert _run("diff", first, _file(tmp_path / "all.json", {})).exit_code == 0


def test_reports_in_two_forms_are_compared(first: Path, second: Path, tmp_path: Path) -> None:
    upstream = tmp_path / "second.yaml"
    upstream.write_bytes(_run("convert", second, "--to", "upstream-yaml").stdout_bytes)
    found = json.loads(_run("diff", first, upstream, "--json").stdout)
    assert found["schema"] == "allmende.report-difference/1"
    (worse,) = found["worse"]
    assert worse["testcase"] == "scs-0103-flavor-2v-8"
    assert worse["before"]["outcome"] == "PASS"
    assert worse["after"] == {"outcome": "FAIL", "summary": "The SCS test suite reported FAIL."}
    assert [change["after"] for change in found["gone"]] == [None]


def test_what_cannot_be_meant_as_a_comparison_is_noted(first: Path, tmp_path: Path) -> None:
    other = _file(tmp_path / "other.json", {}, hours=-1, subject="another")
    said = _run("diff", first, other).stdout
    assert "Note: These are reports on two subjects." in said
    assert "Note: The first report is the newer one." in said


def test_what_is_no_single_report_is_not_compared(first: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.yaml"
    yaml = _run("convert", first, "--to", "upstream-yaml").stdout_bytes
    both.write_bytes(yaml + yaml)
    assert isinstance(_run("diff", first, both).exception, DocumentError)
    both.write_text("<testsuites/>")
    assert isinstance(_run("diff", first, both).exception, DocumentError)


@pytest.mark.parametrize("form", ["html", "junit", "sarif", "oscal"])
def test_a_form_that_is_only_written_is_named_when_it_is_read(first: Path, tmp_path: Path, form: str) -> None:
    other = tmp_path / "other"
    other.write_bytes(_run("convert", first, "--to", form).stdout_bytes)
    for words in (("show", other), ("diff", first, other), ("convert", other, "--to", "json")):
        assert "HTML, JUnit, SARIF and OSCAL are written for others" in str(_run(*words).exception)


def test_standard_input_is_one_report_and_not_two() -> None:
    assert isinstance(_run("diff", "-", "-").exception, UsageError)


def test_a_time_that_the_calendar_does_not_have_in_utc_is_refused(first: Path, tmp_path: Path) -> None:
    report = json.loads(first.read_bytes())
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({**report, "finished_at": "0001-01-01T00:00:00+14:00"}))
    assert "finished_at" in str(_run("diff", first, forged).exception)
