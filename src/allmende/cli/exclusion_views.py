"""How exclusions are shown beside outcomes: in a terminal, and as JSON."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from allmende.outcome import Outcome
from allmende.standards.exclusions import Exclusion
from allmende.standards.verdict import PRECEDENCE
from allmende.web.words import STATES


def lines(exclusions: Iterable[Exclusion], outcomes: Mapping[str, Outcome], width: int) -> Iterator[str]:
    """Yield the lines that show which testcases are excluded, for each reason, and how they stand all the same."""
    for (expires, owner, reason), alike in groupby(exclusions, key=_declaration):
        ids = [exclusion.testcase for exclusion in alike]
        yield textwrap.fill(
            f"until {expires}, {owner}: {reason}",
            width,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for outcome in PRECEDENCE:
            named = [testcase for testcase in ids if outcomes[testcase] is outcome]
            if named:
                remark = ": pass, so no longer needed" if outcome is Outcome.PASS else ""
                yield textwrap.fill(
                    f"{STATES[outcome].symbol} {', '.join(named)}{remark}",
                    width,
                    initial_indent="    ",
                    subsequent_indent="      ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )


def plain(exclusion: Exclusion | None) -> dict[str, Any]:
    """Return the key that says how a testcase is excluded, for JSON; none where it is not."""
    if exclusion is None:
        return {}
    said = {"reason": exclusion.reason, "owner": exclusion.owner, "expires": exclusion.expires.isoformat()}
    return {"exclusion": said}


def _declaration(exclusion: Exclusion) -> tuple[date, str, str]:
    return exclusion.expires, exclusion.owner, exclusion.reason
