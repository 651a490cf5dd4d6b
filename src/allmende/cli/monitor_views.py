"""What is shown of iterations as they go on: lines for a person, or JSON lines."""

import json
from typing import TYPE_CHECKING, Any

import typer

from allmende.cli.clock import utc_now
from allmende.errors import AllmendeError
from allmende.printable import printable

if TYPE_CHECKING:  # so that --help need not wait for what measuring needs
    from allmende.health.model.samples import Iteration, Sample

_SYMBOLS = {"ok": "✓", "skipped": "–", "blind": "?"}  # noqa: RUF001 -- a dash is meant
_VERDICTS = {"works": "✓ everything worked", "fails": "✕ the cloud failed", "blind": "? the monitor was blind"}


class Shown:
    """Lines for a person, or JSON lines. With `in_brief`, a person sees a line an iteration, and what did not work.

    When nobody reads on, or there is no room, what was begun in the cloud goes on to its end: `lost` is why.
    """

    def __init__(self, *, as_json: bool, in_brief: bool = False) -> None:
        self._as_json = as_json
        self._in_brief = in_brief
        self._trouble = ""
        self.lost: OSError | None = None

    def begin(self, cloud: str, scenario: str) -> None:  # noqa: ARG002 -- which cloud is known where it is only one
        """Say what is tried now."""
        if not self._as_json and not self._in_brief:
            self._line(f"{utc_now():%H:%M:%S} {scenario}")

    def sample(self, cloud: str, sample: "Sample") -> None:
        """Say how a step went; of a request, in JSON only."""
        if self._as_json:
            self._document({"type": "sample", "cloud": cloud, **_plain(sample)})
        elif sample.kind == "step" and not self._in_brief:
            why = f"  {printable(sample.said)}" if sample.said else ""
            symbol = _SYMBOLS.get(sample.ending, "✕")
            self._line(f"  {symbol} {sample.what:<34} {sample.seconds:8.2f} s{why}")

    def end(self, iteration: "Iteration", state: str) -> None:
        """Say how an iteration went."""
        if self._as_json:
            self._document(_summary(iteration, state))
            return
        if self._in_brief:
            self._line(f"{utc_now():%H:%M:%S} {iteration.cloud} {iteration.scenario}: {_figures(iteration, state)}")
            for step in iteration.steps:
                if step.ending not in ("ok", "skipped"):
                    self._line(f"  {_SYMBOLS.get(step.ending, '✕')} {step.what}  {printable(step.said)}")
        for left in iteration.left:
            self._line(f"  left in the cloud: {left}", err=True)
        if not self._in_brief:
            self._line(_figures(iteration, state))

    def trouble(self, error: AllmendeError) -> None:
        """Say what is wrong with the monitor itself; the same in a row only once."""
        if self._as_json:
            said = {"said": str(error), "hint": error.hint}
            self._document({"type": "trouble", "at": utc_now().isoformat(), **said})
        elif str(error) != self._trouble or not self._in_brief:
            self._line(f"  trouble: {printable(str(error))} {error.hint}", err=True)
        self._trouble = str(error)

    def better(self) -> None:
        """Forget the trouble, which is over."""
        self._trouble = ""

    def _document(self, document: dict[str, Any]) -> None:
        self._line(json.dumps(document, ensure_ascii=False))

    def _line(self, line: str, *, err: bool = False) -> None:
        try:
            typer.echo(line, err=err)
        except OSError as error:
            self.lost = error


def _figures(iteration: "Iteration", state: str) -> str:
    worked = sum(step.ending == "ok" for step in iteration.steps)
    return (
        f"{_VERDICTS[state]}: {worked} of {len(iteration.steps)} steps, {len(iteration.calls)} requests, "
        f"{iteration.seconds:.1f} s (own work {iteration.overhead:.1f} s)"
    )


def _summary(iteration: "Iteration", state: str) -> dict[str, Any]:
    return {
        "type": "iteration",
        "id": str(iteration.id),
        "cloud": iteration.cloud,
        "region": iteration.region,
        "vantage": iteration.vantage,
        "scenario": iteration.scenario,
        "began_at": iteration.began_at.isoformat(),
        "seconds": round(iteration.seconds, 3),
        "requests": len(iteration.calls),
        "overhead": round(iteration.overhead, 3),
        "lag": round(iteration.lag, 3),
        "left": list(iteration.left),
        "state": state,
    }


def _plain(sample: "Sample") -> dict[str, Any]:
    return {
        "kind": sample.kind,
        "at": sample.at.isoformat(),
        "service": sample.service,
        "what": sample.what,
        "step": sample.step,
        "ending": sample.ending,
        "seconds": round(sample.seconds, 4),
        "status": sample.status,
        "request_id": sample.request_id,
        "said": sample.said,
    }
