"""The catalogue of defects, and the file of what was seen on a real cloud."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from allmende.outcome import Outcome
from allmende.testing.defects.page import Cell, page
from allmende.testing.defects.seen import Sighting, remember, remembered
from allmende.testing.defects.shows import Column

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
FLAVOR = "scs-0103-flavor-8v-32"


def test_what_was_seen_last_of_a_defect_replaces_what_was_seen_before(tmp_path: Path) -> None:
    file = tmp_path / "seen.yaml"
    assert remembered(file) == ()
    remember(file, "flavor-missing", {FLAVOR: "PASS", "scs-0100-syntax-check": "PASS"}, MONDAY)
    remember(file, "ingress-open", {"scs-0115-default-rules": "FAIL"}, MONDAY)
    remember(file, "flavor-missing", {FLAVOR: "FAIL"}, TUESDAY)
    assert remembered(file) == (
        Sighting(defect="flavor-missing", testcase=FLAVOR, outcome=Outcome.FAIL, date=TUESDAY),
        Sighting(defect="ingress-open", testcase="scs-0115-default-rules", outcome=Outcome.FAIL, date=MONDAY),
    )
    assert len([line for line in file.read_text().splitlines() if line.startswith("  - {")]) == 2


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "seen.yaml"
    file.write_text("seen: [{defect: flavor-missing, testcase: x, outcome: GREEN, date: 2026-11-23}]")
    with pytest.raises(ValidationError):
        remembered(file)


def test_the_page_shows_what_was_seen_even_where_it_is_not_what_is_due() -> None:
    cells = (
        Cell(testcase=FLAVOR, column=Column.CLEAN, outcome=Outcome.PASS),
        Cell(testcase=FLAVOR, column=Column.BLIND, outcome=Outcome.DNF, wrong="compute hangs"),
        Cell(testcase=FLAVOR, column=Column.BLIND, outcome=Outcome.FAIL, wrong="no flavor is shown"),
        Cell(testcase=FLAVOR, column=Column.BLIND, outcome=Outcome.DNF, wrong="compute answers 500"),
    )
    seen = Sighting(defect="flavor-missing", testcase=FLAVOR, outcome=Outcome.FAIL, date=MONDAY)
    row = (
        f"| `{FLAVOR}` | PASS |  | DNF: compute hangs; compute answers 500<br>FAIL: no flavor is shown "
        "| FAIL: `flavor-missing` (2026-11-23) |"
    )
    assert row in page([FLAVOR], cells, [seen]).splitlines()
