"""The table that is kept in memory and brought up to date is the table that all results would make."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.rules import scores
from allmende.registry.rules.public_monitor import ScopeStanding, Standings, scope_standing
from allmende.registry.run import public_monitor, read
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called, ensure_subject
from allmende.registry.run.registry import Registry
from allmende.registry.store import reports, subjects
from allmende.report.document import Report
from allmende.report.formats import Form
from allmende.standards.load import load_standards
from allmende.standards.model import Target
from allmende.storage.database import Database
from allmende.testing.registry import Operator, made_report, registered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STANDARDS = load_standards()
MAIN = STANDARDS.scope("iaas").version("v5.1").testcases(Target.MAIN)[:3]
NAMES = ("a", "b", "c")
EXAMPLES = count()

renamed = st.tuples(st.just("renamed"), st.sampled_from(NAMES), st.sampled_from(["", "Group"]))
reported = st.tuples(
    st.just("reported"),
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(MAIN), st.sampled_from([Outcome.FAIL, Outcome.DNF, Outcome.MISS])),
    st.integers(min_value=0, max_value=20),
)
days_pass = st.tuples(st.just("days pass"), st.integers(min_value=1, max_value=10))
events = st.lists(st.one_of(renamed, reported, days_pass), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
@given(events, st.data())
def test_what_is_brought_up_to_date_equals_what_is_recomputed(
    database: Database, happening: list[tuple[Any, ...]], data: Any
) -> None:
    """Also where another process wrote in between: each of two registries has a memory of its own."""
    one, two = (Registry(database=database, standards=STANDARDS) for _ in range(2))
    # Each example has subjects of its own in the one record.
    example = f"{next(EXAMPLES):03}"
    operator = _operator(one, example)
    now = NOW
    for kind, *details in happening:
        writer = data.draw(st.sampled_from([one, two]))
        if kind == "renamed":
            name, group = details
            ensure_subject(writer, Subject(id=name + example, name=f"Now {name}", group=group))
        elif kind == "reported":
            name, outcomes, days = details
            _report(writer, operator, made_report(STANDARDS, name + example, now - timedelta(days=days), outcomes), now)
        else:
            now += timedelta(days=details[0])
        with database.reading() as connection:
            everyone, current = subjects.everyone(connection), reports.current(connection)
        for reader in (one, two):
            assert read.table(reader, now) == scores.table(everyone, current, STANDARDS, now)
            kept, again = public_monitor.standings(reader, now), _recomputed_standings(current, now)
            assert {id_: _said(of) for id_, of in kept.items()} == {id_: _said(of) for id_, of in again.items()}


def test_a_subject_that_reports_is_the_only_one_judged_again(database: Database) -> None:
    registry = Registry(database=database, standards=STANDARDS)
    operator = _operator(registry, "")
    before = read.cells(registry, NOW)
    assert read.cells(registry, NOW + timedelta(hours=1)) is before
    _report(registry, operator, made_report(STANDARDS, "a", NOW), NOW)
    after = read.cells(registry, NOW)
    assert [id_ for id_ in NAMES if after.entries[id_] is not before.entries[id_]] == ["a"]
    tomorrow = read.cells(registry, NOW + timedelta(days=1))
    assert not [id_ for id_ in NAMES if tomorrow.entries[id_] is after.entries[id_]]


def _operator(registry: Registry, example: str) -> Operator:
    known = [Subject(id=name + example, name=name.upper()) for name in NAMES]
    return registered(registry, f"operator{example}", *known, now=NOW)


def _report(registry: Registry, operator: Operator, report: Report, now: datetime) -> None:
    account = account_called(registry, operator.account)
    assert isinstance(accept(registry, account, Form.OWN, operator.body(report), now), Receipt)


def _recomputed_standings(current: scores.CurrentBySubject, now: datetime) -> Standings:
    found: dict[str, dict[str, ScopeStanding]] = {}
    for (subject, uuid), results in current.items():
        scope = STANDARDS.scope(str(uuid))
        standing = scope_standing(scope, results, STANDARDS, now)
        if standing.results:
            found.setdefault(subject, {})[scope.id] = standing
    return found


def _said(of: Mapping[str, ScopeStanding]) -> Mapping[str, Any]:
    return {id_: (s.outcome, s.passed_words, s.buckets(), dict(s.results)) for id_, s in of.items()}
