"""The public table of 2024-12-11, from data alone: the same rows, the same versions passed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.model.scores import TableCell
from allmende.registry.run import read
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form
from allmende.standards.model import Validity
from allmende.testing.registry import Operator, made_report, registered

PUBLISHED: Any = yaml.safe_load((Path(__file__).parents[1] / "data/providers-2024-12-11.yaml").read_text())
DAY = datetime.combine(PUBLISHED["as_of"], datetime.min.time(), UTC)
MARKS = {Validity.EFFECTIVE: "", Validity.DRAFT: "*", Validity.WARN: "†", Validity.DEPRECATED: "††"}


def _report(registry: Registry, operator: Operator, subject: str, passed: list[str]) -> None:
    """Submit that the subject passed these versions; a subject that passed none failed the effective one."""
    account = account_called(registry, operator.account)
    outcomes = {} if passed else {"scs-0100-syntax-check": Outcome.FAIL}
    versions = [name.rstrip("†") for name in passed] or ["v4"]
    for age, version in enumerate(versions, start=1):
        report = made_report(registry.standards, subject, DAY - timedelta(hours=age), outcomes, version=version)
        assert isinstance(accept(registry, account, Form.OWN, operator.body(report), DAY), Receipt)


@pytest.fixture
def published(registry: Registry) -> Registry:
    for row in PUBLISHED["rows"]:
        several = len(row["subjects"]) > 1
        members = [
            Subject(
                id=subject["id"],
                name=subject["id"] if several else row["name"],
                group=row["name"] if several else "",
                operator=row["operator"],
                description=row["description"],
            )
            for subject in row["subjects"]
        ]
        operator = registered(registry, members[0].id, *members, now=DAY)
        for subject in row["subjects"]:
            _report(registry, operator, subject["id"], subject["passed"])
    return registry


def _passed(cell: TableCell) -> set[str]:
    return {f"{v.version}{MARKS[v.validity]}" for v in cell.verdicts if v.outcome is Outcome.PASS}


def test_the_published_table_is_shown_from_data_alone(published: Registry) -> None:
    shown = read.table(published, DAY)
    iaas = [scope.id for scope in shown.scopes].index(PUBLISHED["scope"])
    found = {
        (row.name, row.operator, row.description, frozenset(s.id for s in row.subjects)): _passed(row.cells[iaas])
        for row in shown.rows
    }
    assert found == {
        (row["name"], row["operator"], row["description"], frozenset(s["id"] for s in row["subjects"])): set(
            row["subjects"][0]["passed"]
        )
        for row in PUBLISHED["rows"]
    }
