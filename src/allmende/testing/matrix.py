"""Every testcase on clean, defective and blind fake clouds: what was seen, as a page.

Run as `python -m allmende.testing.matrix`, from the root of the repository; it takes some ten seconds.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from allmende.standards.load import load_standards
from allmende.standards.model import Standards
from allmende.testing.defects.model import HANGING
from allmende.testing.defects.page import Cell, cells, page
from allmende.testing.defects.seen import remembered
from allmende.testing.defects.shows import Show, shown_here, shows
from allmende.testing.trial import IMPATIENT, ONCE, Trial, plan_of, tried

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""When it is on the fake clouds, so that the page is the same on every day."""

SIGHTINGS = Path("docs/reference/defects-seen.yaml")


async def shown(show: Show, standards: Standards, folder: Path) -> Trial:
    """Do one run; `folder` is where it keeps its journal."""
    strikes = [wrong.strike for wrong in show.strikes]
    limits = IMPATIENT if show.name == HANGING else ONCE
    return await tried(plan_of(standards, show.wrong), standards, NOW, folder, show.setting, strikes, limits)


async def everything(standards: Standards) -> tuple[Cell, ...]:
    """Do every run and return what was seen."""
    found: list[Cell] = []
    for show in shows(standards):
        with TemporaryDirectory() as folder:
            trial = await shown(show, standards, Path(folder))
        outcomes = {testcase: finding.outcome for testcase, finding in trial.findings.items()}
        found += cells(show, outcomes)
    return tuple(found)


def main() -> None:
    """Write the page to stdout."""
    standards = load_standards()
    seen = asyncio.run(everything(standards))
    sys.stdout.write(page(shown_here(standards), seen, remembered(SIGHTINGS)))


if __name__ == "__main__":
    main()
