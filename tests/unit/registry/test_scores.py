"""What follows from current results: the table and the score cards say the same of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult, DayOutcome, Subject
from allmende.registry.rules import scores
from allmende.standards.load import load_standards
from allmende.standards.verdict import PRECEDENCE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STANDARDS = load_standards()
SCOPE = STANDARDS.scope("iaas")
IAAS = UUID(SCOPE.uuid)
TESTCASES = SCOPE.version("v5.1").testcases()

outcomes = st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.DNF])
ages = st.sampled_from([timedelta(0), timedelta(minutes=-4), timedelta(days=8), timedelta(days=300)])


def _result(testcase: str, outcome: Outcome, age: timedelta) -> CurrentResult:
    return CurrentResult(testcase=testcase, outcome=outcome, checked_at=NOW - age, report=UUID(int=1), last_passed=None)


@st.composite
def current(draw: st.DrawFn) -> tuple[CurrentResult, ...]:
    """Current results of a cloud that passes most: some outcomes and ages differ, some testcases are missing."""
    odd = draw(st.dictionaries(st.sampled_from(TESTCASES), st.tuples(outcomes, ages), max_size=4))
    missing = draw(st.sets(st.sampled_from(TESTCASES), max_size=2))
    usual = (Outcome.PASS, timedelta(0))
    return tuple(_result(testcase, *odd.get(testcase, usual)) for testcase in TESTCASES if testcase not in missing)


@given(st.lists(current(), min_size=1, max_size=3))
def test_the_table_says_what_the_score_cards_of_the_worst_member_say(several: list[tuple[CurrentResult, ...]]) -> None:
    members = [Subject(id=f"cloud-{n}", name=f"Cloud {n}", group="Clouds") for n in range(len(several))]
    by_subject = {(member.id, IAAS): results for member, results in zip(members, several, strict=True)}
    (row,) = scores.table(members, by_subject, STANDARDS, NOW).rows
    cell = row.cells[0]
    cards = {
        member.id: scores.subject_score(member, SCOPE, results, {}, STANDARDS, NOW)
        for member, results in zip(members, several, strict=True)
    }

    worst = cards[cell.worst]
    assert [(v.version, v.outcome) for v in cell.verdicts] == [(v.version.name, v.outcome) for v in worst.versions]
    headlines = [card.headline.outcome for card in cards.values() if card.headline]
    assert cell.headline is not None
    assert cell.headline.outcome is min(headlines, key=PRECEDENCE.index)


@given(current(), st.permutations(range(2)))
def test_rows_do_not_depend_on_the_order_of_subjects(results: tuple[CurrentResult, ...], order: list[int]) -> None:
    members = [Subject(id="b", name="Bravo"), Subject(id="a", name="alfa")]
    shown = scores.table([members[i] for i in order], {("a", IAAS): results}, STANDARDS, NOW)
    assert [row.name for row in shown.rows] == ["alfa", "Bravo"]


def test_two_subjects_of_one_name_are_two_rows() -> None:
    members = [Subject(id="a", name="Cloud", operator="A"), Subject(id="b", name="Cloud", operator="B")]
    assert len(scores.table(members, {}, STANDARDS, NOW).rows) == 2


def test_groups_of_two_operators_with_one_title_are_two_rows() -> None:
    members = [Subject(id=o, name=o, operator=o, group="Public cloud") for o in "ab"]
    assert len(scores.table(members, {}, STANDARDS, NOW).rows) == 2


def test_nothing_reported_is_no_verdict() -> None:
    (row,) = scores.table([Subject(id="a", name="a")], {}, STANDARDS, NOW).rows
    assert [(cell.headline, cell.verdicts, cell.checked_at) for cell in row.cells] == [(None, (), None)] * len(
        STANDARDS.scopes
    )


def test_a_cell_is_as_fresh_as_its_stalest_member() -> None:
    members = [Subject(id=id_, name=id_, group="G") for id_ in "ab"]
    old, new = (_result(TESTCASES[0], Outcome.PASS, timedelta(days=days)) for days in (3, 1))
    (row,) = scores.table(members, {("a", IAAS): (old,), ("b", IAAS): (new,)}, STANDARDS, NOW).rows
    assert row.cells[0].checked_at == NOW - timedelta(days=3)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), outcomes), max_size=10))
def test_a_day_is_as_good_as_its_worst_outcome(entries: list[tuple[str, int, Outcome]]) -> None:
    found = scores.days((testcase, NOW - timedelta(days=age), outcome) for testcase, age, outcome in entries)
    for testcase, days in found.items():
        assert [day.day for day in days] == sorted({day.day for day in days})
        for day in days:
            of_day = [
                o
                for t, age, o in entries
                if t == testcase and (NOW - timedelta(days=age)).date().isoformat() == day.day
            ]
            assert day == DayOutcome(day=day.day, outcome=min(of_day, key=PRECEDENCE.index))
    assert set(found) == {testcase for testcase, _, _ in entries}
