"""Every testcase on fake clouds: clean it passes, with its defect it fails, and blind it is left open.

A testcase without all three is refused here, so that there is no list to forget: see `allmende.testing.defects`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from allmende.errors import CloudError
from allmende.facts.fact import Fact
from allmende.facts.openstack import Catalog, Member, Moment
from allmende.outcome import Finding, Outcome
from allmende.refcloud.rules.defects import load_defects
from allmende.standards.load import load_standards
from allmende.testing.defects.blindness import blindnesses
from allmende.testing.defects.catalogue import SHOWN_ELSEWHERE, blinding, defects
from allmende.testing.defects.model import SERVED, Blindness, Defect
from allmende.testing.defects.page import COMMAND, cells, due, page
from allmende.testing.defects.seen import remembered
from allmende.testing.defects.shows import Column, Show, demanded, shown_here, shows
from allmende.testing.judge import published_checks
from allmende.testing.matrix import NOW, SIGHTINGS, shown
from allmende.testing.openstack import FakeOpenStack
from allmende.testing.trial import IMPATIENT, plan_of, tried

STANDARDS = load_standards()
SHOWS = shows(STANDARDS)
ROOT = Path(__file__).parents[3]
WITH_THE_TOKEN = {Moment, Catalog, Member}
"""Facts that come with the token, without which there is no run at all."""
TROUBLES: Mapping[str, Callable[[FakeOpenStack, str], None]] = {
    "a token that is not taken": partial(FakeOpenStack.fail, status=401),
    "too many requests": partial(FakeOpenStack.fail, status=429),
    "maintenance": partial(FakeOpenStack.fail, status=503),
    "a proxy without a service behind it": partial(FakeOpenStack.answer_html, status=502),
    "documents that break off": FakeOpenStack.truncate,
    "connections that break off": FakeOpenStack.cut,
}


def words(finding: Finding) -> str:
    return " ".join((finding.summary, *(f"{item.subject}: {item.seen}" for item in finding.evidence)))


def test_every_testcase_has_a_clean_cloud_a_defect_and_a_blindness() -> None:
    for column in Column:
        there = {testcase for show in SHOWS if show.column is column for testcase in show.wrong}
        assert not set(shown_here(STANDARDS)) - there, f"lacking in allmende.testing.defects ({column})"


def test_only_a_handful_is_shown_elsewhere_and_all_of_it_is_demanded() -> None:
    assert len(SHOWN_ELSEWHERE) <= 5
    assert set(SHOWN_ELSEWHERE) <= set(demanded(STANDARDS))
    assert not set(SHOWN_ELSEWHERE) & set(defects(STANDARDS))
    for reason in SHOWN_ELSEWHERE.values():
        places = re.findall(r"tests/[\w/.]+\w", reason)
        assert places
        assert all((ROOT / place).exists() for place in places), places


def test_nothing_in_the_catalogue_is_for_an_unknown_testcase() -> None:
    assert set(defects(STANDARDS)) <= set(STANDARDS.testcases)
    assert [one.sentence for one in blindnesses() if not any(map(one.blinds, STANDARDS.testcases))] == []


def test_every_fact_is_blinded_in_two_ways_at_least() -> None:
    ways: dict[type[Fact], set[str]] = defaultdict(set)
    for testcase in shown_here(STANDARDS):
        for fact in published_checks()[testcase].facts - WITH_THE_TOKEN:
            ways[fact] |= {blindness.sentence for blindness in blinding(testcase)}
    assert {fact.__name__ for fact, sentences in ways.items() if len(sentences) < 2} == set()


@pytest.mark.parametrize("show", SHOWS, ids=str)
async def test_every_testcase_has_the_outcome_that_is_due_and_says_why(show: Show, tmp_path: Path) -> None:
    trial = await shown(show, STANDARDS, tmp_path)
    assert {testcase: finding.outcome for testcase, finding in trial.findings.items()} == due(show)
    for testcase, wrong in show.wrong.items():
        finding = trial.findings[testcase]
        assert "bug in Allmende" not in words(finding)
        assert "canary" not in words(finding)
        if isinstance(wrong, Defect):
            names_the_offender(finding, wrong)
        if isinstance(wrong, Blindness):
            names_the_reason(finding, wrong)
    assert trial.remains == ()
    assert show.column is Column.BLIND or trial.left_behind == ()


def names_the_offender(finding: Finding, defect: Defect) -> None:
    offending = [item for item in finding.evidence if not item.ok and item.demanded]
    assert any(defect.offender in item.subject and defect.seen in item.seen for item in offending), words(finding)


def names_the_reason(finding: Finding, blindness: Blindness) -> None:
    assert blindness.says in words(finding)
    assert not blindness.answered or "req-" in words(finding), words(finding)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_trouble_of_all_services_at_once_lets_a_testcase_fail(trouble: str, tmp_path: Path) -> None:
    def strike(fake: FakeOpenStack) -> None:
        for service in (*sorted(fake.state.services - {"identity"}), "s3"):
            TROUBLES[trouble](fake, service)

    clean = next(show for show in SHOWS if show.setting is SERVED)
    trial = await tried(plan_of(STANDARDS, clean.wrong), STANDARDS, NOW, tmp_path, SERVED, [strike])
    failing = {testcase for testcase, finding in trial.findings.items() if finding.outcome is Outcome.FAIL}
    assert failing == set()


@pytest.mark.parametrize("strike", [FakeOpenStack.fail, FakeOpenStack.hang, FakeOpenStack.answer_html])
async def test_without_a_token_nothing_is_said_of_any_testcase(strike: object, tmp_path: Path) -> None:
    assert callable(strike)
    plan = plan_of(STANDARDS, ("scs-0116-presence", "scs-0100-syntax-check"))
    with pytest.raises(CloudError, match="identity"):
        await tried(plan, STANDARDS, NOW, tmp_path, SERVED, [lambda fake: strike(fake, "identity")], IMPATIENT)


def test_what_was_seen_on_a_real_cloud_is_of_known_defects_and_as_they_foretell() -> None:
    foretold = {
        (defect.id, testcase): outcome for defect in load_defects() for testcase, outcome in defect.outcomes.items()
    }
    for sighting in remembered(ROOT / SIGHTINGS):
        assert foretold[sighting.defect, sighting.testcase] is sighting.outcome


def test_the_page_is_current() -> None:
    """It shows what was seen; the runs above show that this is what is due."""
    due_everywhere = [cell for show in SHOWS for cell in cells(show, due(show))]
    written = page(shown_here(STANDARDS), due_everywhere, remembered(ROOT / SIGHTINGS))
    assert (ROOT / "docs/reference/defect-matrix.md").read_text(encoding="utf-8") == written, f"run {COMMAND}"
