"""The page of the defect matrix: each testcase clean, defective and blind, and what was seen on a real cloud. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from allmende.outcome import Outcome
from allmende.testing.defects.catalogue import SHOWN_ELSEWHERE
from allmende.testing.defects.seen import Sighting
from allmende.testing.defects.shows import DUE, Column, Show

COMMAND = "python -m allmende.testing.matrix > docs/reference/defect-matrix.md"
_INTRO = f"""\
# Defect matrix

Whether a check can be trusted is shown by what it says of clouds of which one knows what is wrong with them. Every
automated testcase of SCS-compatible IaaS, and of what is tried of GovStack, was tried on fake clouds, over HTTP and by
the whole path of `allmende check`:

- **clean**: on a cloud that has all that the standards demand, it must be PASS;
- **with a defect**: on a cloud with the defect that is named, it must be FAIL, and name the offender;
- **blind**: on clouds of which each does not show what must be seen, in the ways that are named, it must be DNF, and
  name the reason, for nobody fails by what was not seen;
- **on a real cloud**: what the check said of a reference cloud with a
  [defect of `allmende cloud break`](../how-to/break-the-reference-cloud.md), where that was tried.

In the cells stands what was seen. Written by `{COMMAND}`; the defects and
blindnesses are values in `src/allmende/testing/defects/`, where one is added for a new testcase.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was seen of a testcase in a run, and what was wrong with the cloud."""

    testcase: str
    column: Column
    outcome: Outcome
    wrong: str = ""


def cells(show: Show, outcomes: Mapping[str, Outcome]) -> Iterator[Cell]:
    """Yield what one run shows."""
    for testcase, wrong in show.wrong.items():
        words = wrong.sentence if wrong else ""
        yield Cell(testcase=testcase, column=show.column, outcome=outcomes[testcase], wrong=words)


def due(show: Show) -> Mapping[str, Outcome]:
    """Return the outcomes that a run must have."""
    return dict.fromkeys(show.wrong, DUE[show.column])


def page(testcases: Sequence[str], seen: Iterable[Cell], sightings: Iterable[Sighting]) -> str:
    """Return the page in Markdown, with a table for each standard."""
    columns: dict[tuple[str, Column], list[Cell]] = defaultdict(list)
    for cell in seen:
        columns[cell.testcase, cell.column].append(cell)
    real: dict[str, list[str]] = defaultdict(list)
    for sighting in sightings:
        real[sighting.testcase].append(f"{sighting.outcome.value}: `{sighting.defect}` ({sighting.date})")
    lines = [_INTRO]
    for standard, group in groupby(sorted(testcases, key=_standard), key=_standard):
        lines += [
            f"## {standard}",
            "| testcase | clean | with a defect | blind | on a real cloud |",
            "|---|---|---|---|---|",
        ]
        for testcase in group:
            row = [_said(columns[testcase, column]) for column in Column]
            lines.append(f"| `{testcase}` | {' | '.join(row)} | {'<br>'.join(real[testcase]) or '-'} |")
        lines.append("")
    lines += ["## Shown elsewhere", *(f"- `{testcase}`: {reason}" for testcase, reason in SHOWN_ELSEWHERE.items())]
    return "\n".join(lines) + "\n"


def _said(seen: Iterable[Cell]) -> str:
    """Return each outcome once, with everything by which it came about."""
    by_outcome: dict[Outcome, list[str]] = defaultdict(list)
    for cell in seen:
        by_outcome[cell.outcome].append(cell.wrong)
    said = (f"{outcome.value}: {'; '.join(wrong)}".removesuffix(": ") for outcome, wrong in by_outcome.items())
    return "<br>".join(said)


def _standard(testcase: str) -> str:
    """Return the heading of a testcase: `scs-0100`, `govstack`."""
    first, second, *_ = testcase.split("-")
    return f"{first}-{second}" if second.isdecimal() else first
