"""Says as plain lines what an outcome rests on: what was seen, what is demanded, how to fix it, where to read more.

For the forms that hold text only; the terminal and the pages have their own layout for the same words.
"""

from collections.abc import Iterator

from allmende.outcome import Outcome
from allmende.report.reading import Line
from allmende.standards.model import Target

MOST_EVIDENCE = 20
COUNTS_FOR = {
    Target.MAIN: "mandatory",
    Target.RECOMMENDED: "recommended, not counted",
    Target.PREVIEW: "preview, not counted",
    None: "not listed by the version, not counted",
}


def explanation(line: Line) -> str:
    """Return what is known of a testcase, one labelled line for each thing."""
    return "\n".join(_lines(line))


def seen(line: Line) -> tuple[str, ...]:
    """Return what was looked at as sentences, offenders first; beyond a few, how many more."""
    shown = [each.words for each in line.evidence[:MOST_EVIDENCE]]
    more = len(line.evidence) - len(shown)
    return (*shown, f"and {more} more") if more > 0 else tuple(shown)


def _lines(line: Line) -> Iterator[str]:
    yield _labelled("result", f"{line.outcome}, {COUNTS_FOR[line.target]}")
    yield _labelled("because", line.summary)
    for sentence in seen(line):
        yield _labelled("seen", sentence)
    for note in line.notes:
        yield _labelled("note", note)
    if line.testcase and line.outcome is not Outcome.PASS:
        yield _labelled("demanded", line.testcase.demand)
        yield _labelled("fix", line.testcase.remedy)
        yield _labelled("more", line.testcase.url)


def _labelled(label: str, text: str) -> str:
    return f"{label:<9} {text.strip()}".replace("\n", f"\n{'':10}")
