"""What a finding shows of many things."""

import pytest

from allmende.checks.evidence import CONFORMING_SHOWN, OFFENDERS_SHOWN, every
from allmende.outcome import Evidence, Outcome


def items(number: int, *, ok: bool) -> list[Evidence]:
    return [Evidence(subject=f"image {n}", seen="x", ok=ok) for n in range(number)]


def test_all_offenders_and_a_few_of_the_others_are_shown() -> None:
    finding = every("image", "a name", [*items(10, ok=True), *items(7, ok=False)])
    assert finding.outcome is Outcome.FAIL
    assert finding.summary == "7 of 17 images lack a name: 0, 1, 2 and 4 more."
    assert [item.ok for item in finding.evidence] == [False] * 7 + [True] * CONFORMING_SHOWN
    assert finding.notes == ("7 more conform and are not shown.",)


def test_a_flood_of_offenders_is_cut_and_counted() -> None:
    finding = every("image", "a name", items(OFFENDERS_SHOWN + 5, ok=False))
    assert len(finding.evidence) == OFFENDERS_SHOWN
    assert "5 more offend and are not shown." in finding.notes


def test_what_just_fits_is_shown_without_remark() -> None:
    finding = every("image", "a name", [*items(OFFENDERS_SHOWN, ok=False), *items(CONFORMING_SHOWN, ok=True)])
    assert len(finding.evidence) == OFFENDERS_SHOWN + CONFORMING_SHOWN
    assert finding.notes == ()


def test_nothing_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="every image"):
        every("image", "a name", [])
