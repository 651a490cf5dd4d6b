"""Results of Tempest that are kept, so that a run that was ended goes on where it was.

One file for a project of a cloud, one JSON object a line: at first what the results are of (list of tests and release
of Tempest), then each result as it comes. Results of something else, or older than `MOST_AGE`, are not taken up.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allmende.errors import StoreError
from allmende.facts.tempest import TempestOutcome, TempestResult

MOST_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What results are of: the project of a region of a cloud, and the tests of a release."""

    auth_url: str
    region: str
    project: str
    tests: str

    @property
    def file_name(self) -> str:
        """The name of the file of this project."""
        place = f"{self.auth_url}\n{self.region}\n{self.project}"
        return f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.jsonl"


class KeptResults:
    """The results of one project in the folder of all."""

    def __init__(self, folder: Path, origin: Origin) -> None:
        self._path = folder / origin.file_name
        self._origin = origin

    def taken_up(self, now: datetime) -> tuple[TempestResult, ...]:
        """Return the results that still hold; a test that was noted twice counts as it was noted last."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except OSError:
            return ()
        entries = [entry for line in lines if (entry := _entry(line))]
        if not entries or entries[0].get("tests") != self._origin.tests:
            return ()
        fresh = [each for each in entries[1:] if now - datetime.fromisoformat(each["at"]) <= MOST_AGE]
        results = {
            entry["test"]: TempestResult(
                test=entry["test"],
                outcome=TempestOutcome(entry["outcome"]),
                reason=entry["reason"],
                request_id=entry["request_id"],
            )
            for entry in fresh
        }
        return tuple(results.values())

    def begin(self) -> None:
        """Forget what was kept, and begin anew."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_text(json.dumps({"tests": self._origin.tests}), "utf-8")
        except OSError as error:
            raise self._unwritable(error) from error

    def keep(self, results: Iterable[TempestResult], at: datetime) -> None:
        """Add results at once, so that they are there however this run ends."""
        entries = [
            {
                "test": result.test,
                "outcome": result.outcome,
                "reason": result.reason,
                "request_id": result.request_id,
                "at": at.isoformat(),
            }
            for result in results
        ]
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(f"\n{json.dumps(entry)}" for entry in entries)  # begins behind a line that broke off
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"The results of Tempest cannot be kept in {self._path.parent}: {error.strerror}.",
            hint="Make room there, or set XDG_STATE_HOME to a directory that can be written.",
        )


def _entry(line: str) -> dict[str, str] | None:
    """Return what a line holds; None where the run died while it wrote it."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
