"""Which testcases of a score card a page shows, in which order, and which of them expire soon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from allmende.outcome import Outcome
from allmende.registry.model.record import StoredResult, Subject
from allmende.registry.model.scores import ScoredTestcase, SubjectScore, VersionScore
from allmende.registry.pages.testcases import expires_soon, score_view
from allmende.standards.model import Module, Scope, Target, Testcase, Validity, Version

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def line(id_: str, target: Target = Target.MAIN, outcome: Outcome = Outcome.PASS) -> ScoredTestcase:
    testcase = Testcase(id=id_, title=id_, standard="s-1-v1", section="", demand="", remedy="", url="")
    return ScoredTestcase(testcase=testcase, target=target, outcome=outcome)


def passed(age: timedelta, lifetime: timedelta) -> ScoredTestcase:
    result = StoredResult(report=UUID(int=0), testcase="a", outcome=Outcome.PASS, checked_at=NOW - age, summary="")
    return replace(line("a"), result=result, expires_at=NOW - age + lifetime)


def score(*versions: VersionScore) -> SubjectScore:
    scope = Scope(id="s", uuid="u", name="S", level="", layer="", url="", versions=(), timeline=())
    return SubjectScore(subject=Subject(id="x", name="X"), scope=scope, versions=versions, checked_at=NOW)


def version(name: str, *lines: ScoredTestcase, validity: Validity = Validity.EFFECTIVE) -> VersionScore:
    modules = tuple(
        Module(id=f"m-{x.testcase.id}", name="", url="", targets={x.target: (x.testcase.id,)}) for x in lines
    )
    return VersionScore(
        version=Version(name=name, modules=modules), validity=validity, outcome=Outcome.FAIL, counts={}, testcases=lines
    )


V2 = version("v2", line("a"), line("b", outcome=Outcome.FAIL), line("c", Target.RECOMMENDED, Outcome.FAIL))
V1 = version("v1", line("a"), validity=Validity.DEPRECATED)


@pytest.mark.parametrize(
    ("age", "lifetime", "soon"),
    [
        (timedelta(days=10), timedelta(days=14), False),
        (timedelta(days=11), timedelta(days=14), True),
        (timedelta(hours=5), timedelta(hours=40), False),
        (timedelta(days=380), timedelta(days=400), False),
        (timedelta(days=387), timedelta(days=400), True),
    ],
)
def test_a_pass_expires_soon_in_its_last_quarter_or_two_weeks(age: timedelta, lifetime: timedelta, soon: bool) -> None:
    assert expires_soon(passed(age, lifetime), NOW) is soon


def test_what_does_not_pass_does_not_expire() -> None:
    stale = replace(passed(timedelta(days=20), timedelta(days=14)), outcome=Outcome.MISS)

    assert not expires_soon(stale, NOW)
    assert not expires_soon(line("a", outcome=Outcome.MISS), NOW)


def test_the_headline_is_laid_out_by_target_and_module() -> None:
    view = score_view(score(V2, V1), "", only_open=False)

    assert view.shown is V2
    assert [(section.target, section.total) for section in view.sections] == [(Target.MAIN, 2), (Target.RECOMMENDED, 1)]
    assert [group.module.id for group in view.sections[0].groups] == ["m-a", "m-b"]


def test_only_main_testcases_that_fail_are_to_be_fixed() -> None:
    view = score_view(score(V2), "", only_open=False)

    assert [failure.testcase.id for failure in view.failures] == ["b"]


def test_without_those_that_pass_the_totals_stay() -> None:
    main, _ = score_view(score(V2), "", only_open=True).sections

    assert [group.module.id for group in main.groups] == ["m-b"]
    assert main.total == 2


def test_another_version_is_shown_when_the_score_has_it() -> None:
    assert score_view(score(V2, V1), "v1", only_open=False).shown is V1
    assert score_view(score(V2, V1), "v9", only_open=False).shown is V2
    assert score_view(score(V1), "", only_open=False).shown is V1
    assert score_view(score(), "", only_open=False).shown is None
