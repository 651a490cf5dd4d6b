"""What the reports of Tempest mean for the demanded tests. Pure.

A class that cannot be set up reports itself and not its tests: what it says then holds for each of them. What is
reported of no demanded test is a failure all the same where it is one (a class that cannot be torn down), or trouble of
Tempest itself (a worker that died).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from allmende.facts.tempest import TempestOutcome, TempestResult
from allmende.programs.subunit import Event, Status
from allmende.standards.tempest_list import DemandedTest

MOST_CHARACTERS = 300

_OUTCOMES = {
    Status.SUCCESS: TempestOutcome.PASS,
    Status.EXPECTED_FAILURE: TempestOutcome.PASS,
    Status.FAIL: TempestOutcome.FAIL,
    Status.UNEXPECTED_SUCCESS: TempestOutcome.FAIL,
    Status.SKIP: TempestOutcome.SKIP,
}
_FIXTURE = re.compile(r"(setUpClass|tearDownClass) \((.+)\)")
_REQUEST_ID = re.compile(rb"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Tally:
    """The results so far; `troubles` are Tempest's own."""

    def __init__(self, tests: Iterable[DemandedTest]) -> None:
        self.results: dict[str, TempestResult] = {}
        self.troubles: list[str] = []
        self._known = {test.name: test for test in tests}
        self._files: defaultdict[str, dict[str, bytearray]] = defaultdict(lambda: defaultdict(bytearray))

    def take(self, event: Event) -> tuple[TempestResult, ...]:
        """Take an event in; return the results that it completes."""
        if event.file:
            self._files[event.test][event.file] += event.content
        outcome = _OUTCOMES.get(event.status)
        if outcome is None:
            return ()
        new = tuple(self._results(event.test, outcome, self._files.pop(event.test, {})))
        self.results.update({result.test: result for result in new})
        return new

    def _results(self, reported: str, outcome: TempestOutcome, files: dict[str, bytearray]) -> Iterator[TempestResult]:
        name = reported.partition("[")[0]
        reason = "" if outcome is TempestOutcome.PASS else _reason(files)
        request_id = _request_id(files) if outcome is TempestOutcome.FAIL else ""
        if name in self._known:
            yield TempestResult(test=name, outcome=outcome, reason=reason, request_id=request_id)
        elif fixture := _FIXTURE.fullmatch(reported):
            yield from self._of_class(fixture[1], fixture[2], outcome, reason, request_id)
        elif outcome is TempestOutcome.FAIL:
            self.troubles.append(f"{name}: {reason}".rstrip(": "))

    def _of_class(
        self, phase: str, class_name: str, outcome: TempestOutcome, reason: str, request_id: str
    ) -> Iterator[TempestResult]:
        if phase == "setUpClass":
            names = [test.name for test in self._known.values() if test.class_name == class_name]
            reason = reason if outcome is TempestOutcome.SKIP else f"the class could not be set up: {reason}"
        else:
            names = [f"{class_name}.{phase}"]
        for name in names:
            if outcome is TempestOutcome.FAIL or (phase == "setUpClass" and name not in self.results):
                yield TempestResult(test=name, outcome=outcome, reason=reason, request_id=request_id)


def _reason(files: dict[str, bytearray]) -> str:
    """Return in one line why a test did not pass: what it says, else the error at the end of its traceback."""
    if "reason" in files:
        return _line(files["reason"].decode("utf-8", "replace"))
    tracebacks = [name for name in files if name.startswith("traceback")]
    if not tracebacks:
        return "no reason was reported"
    return error_of(files[min(tracebacks)].decode("utf-8", "replace"))


def error_of(traceback: str) -> str:
    """Return the error at the end of a traceback, in one line."""
    lines = traceback.strip().splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith(("  ", "Traceback"))]
    return _line("\n".join(lines[max(frames, default=-1) + 1 :]) or (lines[-1] if lines else ""))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def _request_id(files: dict[str, bytearray]) -> str:
    """Return the id of the last request in what the test logged."""
    found = [id_ for name, log in files.items() if name.startswith("pythonlogging") for id_ in _REQUEST_ID.findall(log)]
    return found[-1].decode() if found else ""
