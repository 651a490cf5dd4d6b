"""What a check said of a real reference cloud with a defect: a file of one entry for each defect and testcase.

The live test of defects writes it (`remember`), the page of the defect matrix shows it (`remembered`).
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from allmende.outcome import Outcome

_HEAD = (
    "# What a check said of a real cloud with a defect of `allmende cloud break`; see allmende.testing.defects.seen.\n"
)


class Sighting(BaseModel):
    """A defect of the reference cloud, by its id, with the outcome of a testcase and the day on which it was seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    defect: str
    testcase: str
    outcome: Outcome
    date: date


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen: tuple[Sighting, ...] = ()


def remembered(path: Path) -> tuple[Sighting, ...]:
    """Return what was seen so far; nothing where there is no such file. ValueError for a file of another form."""
    if not path.exists():
        return ()
    return _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).seen


def remember(path: Path, defect: str, outcomes: Mapping[str, str], on: date) -> None:
    """Write down what was seen of a defect, by testcase, in place of what was seen of it before."""
    new = [Sighting(defect=defect, testcase=case, outcome=Outcome(said), date=on) for case, said in outcomes.items()]
    kept = [sighting for sighting in remembered(path) if sighting.defect != defect]
    rows = sorted((*kept, *new), key=lambda sighting: (sighting.testcase, sighting.defect))
    lines = (f"  - {yaml.safe_dump(_plain(row), default_flow_style=True, sort_keys=False, width=999)}" for row in rows)
    path.write_text(_HEAD + "seen:\n" + "".join(lines), encoding="utf-8")


def _plain(row: Sighting) -> dict[str, object]:
    return {"defect": row.defect, "testcase": row.testcase, "outcome": row.outcome.value, "date": row.date}
