"""`allmende monitor`: run scenarios on a cloud, once or all day, and say how each step went.

Exit codes of `run --once`: 0 everything worked, 1 the cloud failed, 3 the monitor was blind.
"""

import asyncio
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from allmende.cli.clock import utc_now
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, record_url, show_rows
from allmende.cli.signals import ended_by_signals, interruptible
from allmende.config import directories
from allmende.errors import AllmendeError, StoreError
from allmende.printable import printable
from allmende.storage.database import open_database

if TYPE_CHECKING:  # the SDK takes a second to import
    from allmende.clouds.openstack import OpenStackCloud
    from allmende.health.model.samples import Iteration, Sample
    from allmende.health.run.scenarios import Playable
    from allmende.storage.database import Database

EXAMPLES = """Examples:

\b
  allmende monitor scenarios                 what can be run
  allmende monitor run mycloud --once        every scenario, once
  allmende monitor run mycloud --scenario api --every 1
  allmende monitor run mycloud --without 'reach its SSH from outside'
  allmende monitor run mycloud --every 5 --json >> samples.jsonl
  allmende monitor show mycloud --hours 24   how it went

What a scenario creates in the cloud bears the name allmende-…, and is removed
again. Ctrl-C and SIGTERM end it in an orderly way.
"""

app = typer.Typer(
    help="Run real scenarios on a cloud, and see how it behaves.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("scenarios")
def scenarios(*, as_json: AsJson = False) -> None:
    """List the scenarios with their steps."""
    from allmende.health.rules.plan import waves
    from allmende.health.run.scenarios import SCENARIOS

    found = [playable.scenario for playable in SCENARIOS.values()]
    if as_json:
        plain = [
            {
                "name": each.name,
                "summary": each.summary,
                "creates": each.creates,
                "seconds": each.seconds,
                "quota": dict(each.quota),
                "steps": [
                    {"name": step.name, "service": step.service, "needs": list(step.needs), "seconds": step.seconds}
                    for step in each.steps
                ],
            }
            for each in found
        ]
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    for each in found:
        typer.echo(f"{each.name}: {each.summary}")
        for number, wave in enumerate(waves(each), 1):
            typer.echo(f"  {number}. {', '.join(step.name for step in wave)}")
        if each.quota:
            typer.echo(f"  takes {', '.join(f'{amount} {what}' for what, amount in each.quota.items())}")


@app.command("run", epilog=EXAMPLES)
def run(
    cloud: Annotated[
        str | None, typer.Argument(metavar="CLOUD", help="A name in clouds.yaml; without it, the OS_* variables.")
    ] = None,
    *,
    scenario: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this scenario; repeatable. All if not given.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="STEP", help="Leave out this step, and what needs it; repeatable.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Run them once, and end.")] = False,
    every: Annotated[float, typer.Option(min=0.05, metavar="MINUTES", help="Begin so often.")] = 5.0,
    vantage: Annotated[str, typer.Option(help="Where this looks from; this machine's name if not given.")] = "",
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """Run scenarios on a cloud, again and again, and say how each step went.

    With --json each sample and each iteration is one line. Samples are kept for 14 days: see `monitor show`.
    """
    from allmende.health.run.scenarios import SCENARIOS, left_out, scenario_called, step_called

    skipped = [step_called(name) for name in without or ()]
    chosen = [scenario_called(name) for name in scenario] if scenario else SCENARIOS.values()
    wanted = [left_out(playable, skipped) for playable in chosen]
    store = open_database(record_url(database))
    try:
        course = _Course(vantage=vantage or socket.gethostname(), shown=_Shown(as_json=as_json), store=store)
        states = interruptible(_run(wanted, cloud, course, minutes=None if once else every))
    finally:
        store.close()
    raise typer.Exit(_exit_code(states))


@app.command("show", epilog=EXAMPLES)
def show(
    cloud: Annotated[str, typer.Argument(metavar="CLOUD", help="The cloud's name, as it was measured.")],
    *,
    hours: Annotated[float, typer.Option(min=0.1, help="Of so many hours before now.")] = 24.0,
    calls: Annotated[bool, typer.Option("--calls", help="Kinds of requests in place of steps.")] = False,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """Show how available a cloud's services were, how often steps failed, and how long they took."""
    from allmende.health.run.record import health_of

    store = open_database(record_url(database))
    try:
        now = utc_now()
        health = health_of(store, cloud, now - timedelta(hours=hours), now)
    finally:
        store.close()
    things = health.calls if calls else health.steps
    rows = [
        {
            "service": service,
            "call" if calls else "step": what,
            "tried": each.tried,
            "failed": each.failed,
            **{name: _seconds(value) for name, value in (("p50", each.p50), ("p95", each.p95), ("p99", each.p99))},
        }
        for (service, what), each in things.items()
    ]
    if as_json:
        document = {
            "cloud": health.cloud,
            "since": health.since.isoformat(),
            "iterations": {str(state): number for state, number in health.states.items()},
            "services": {
                service: {"seen": each.tried, "available": each.tried - each.failed, "share": each.working}
                for service, each in health.services.items()
            },
            "calls" if calls else "steps": [
                {**row, "failing": each.failing, "p50": each.p50, "p95": each.p95, "p99": each.p99}
                for row, each in zip(rows, things.values(), strict=True)
            ],
        }
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if rows:
        show_rows(rows, as_json=False)
        typer.echo()
    for service, each in health.services.items():
        share = f"{100 * each.working:.1f} %" if each.working is not None else "never seen"
        worked = each.tried - each.failed
        typer.echo(f"{service:<16} available in {worked} of {each.tried} iterations, {share}")
    counts = ", ".join(f"{number} {_WORDS[state]}" for state, number in health.states.items() if number)
    typer.echo(f"{cloud} since {health.since:%Y-%m-%d %H:%M} UTC: {counts or 'nothing was measured'}")


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """From where a cloud is looked at, who is told, and where what was seen is kept."""

    vantage: str
    shown: "_Shown"
    store: "Database"


async def _run(wanted: Sequence["Playable"], name: str | None, course: _Course, *, minutes: float | None) -> list[str]:
    from allmende.clouds.openstack import open_cloud

    with ended_by_signals():
        async with await open_cloud(name, environ=os.environ) as cloud:
            while True:
                began = asyncio.get_running_loop().time()
                states = [await _iterated(playable, cloud, course) for playable in wanted]
                if course.shown.lost is not None:
                    raise course.shown.lost
                if minutes is None:
                    return states
                await asyncio.sleep(max(0.0, began + 60 * minutes - asyncio.get_running_loop().time()))


async def _iterated(playable: "Playable", cloud: "OpenStackCloud", course: _Course) -> str:
    """Return the state of one iteration; that it cannot be kept ends nothing."""
    from allmende.health.model.samples import State
    from allmende.health.rules.judging import state_of
    from allmende.health.run.iterate import Conditions, iterate
    from allmende.health.run.record import keep

    conditions = Conditions(
        id=uuid4(),
        vantage=course.vantage,
        now=utc_now,
        journals=directories(os.environ, Path.home()).leases,
        told=course.shown.sample,
    )
    course.shown.begin(playable.scenario.name)
    try:
        iteration = await iterate(playable, cloud, conditions)
    except StoreError as error:  # the journal cannot be kept, so nothing was tried
        course.shown.trouble(error)
        return State.BLIND
    try:
        await asyncio.to_thread(keep, course.store, iteration, utc_now())
    except StoreError as error:
        course.shown.trouble(error)
    state = state_of(iteration)
    course.shown.end(iteration, state)
    return state


def _exit_code(states: Sequence[str]) -> int:
    if "fails" in states:
        return 1
    return 3 if "blind" in states else 0


_SYMBOLS = {"ok": "✓", "skipped": "–", "blind": "?"}  # noqa: RUF001 -- a dash is meant
_WORDS = {"works": "worked", "fails": "failed", "blind": "blind"}
_VERDICTS = {"works": "✓ everything worked", "fails": "✕ the cloud failed", "blind": "? the monitor was blind"}


class _Shown:
    """What is shown of iterations: lines for a person, or JSON lines.

    When nobody reads on, or there is no room, what was begun in the cloud goes on to its end: `lost` is why.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self.lost: OSError | None = None

    def begin(self, scenario: str) -> None:
        if not self._as_json:
            self._line(f"{utc_now():%H:%M:%S} {scenario}")

    def sample(self, sample: "Sample") -> None:
        if self._as_json:
            self._document({"type": "sample", **_plain(sample)})
        elif sample.kind == "step":
            why = f"  {printable(sample.said)}" if sample.said else ""
            symbol = _SYMBOLS.get(sample.ending, "✕")
            self._line(f"  {symbol} {sample.what:<34} {sample.seconds:8.2f} s{why}")

    def end(self, iteration: "Iteration", state: str) -> None:
        if self._as_json:
            self._document(
                {
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
            )
            return
        for left in iteration.left:
            self._line(f"  left in the cloud: {left}", err=True)
        worked = sum(step.ending == "ok" for step in iteration.steps)
        self._line(
            f"{_VERDICTS[state]}: {worked} of {len(iteration.steps)} steps, {len(iteration.calls)} requests, "
            f"{iteration.seconds:.1f} s (own work {iteration.overhead:.1f} s)"
        )

    def trouble(self, error: AllmendeError) -> None:
        if self._as_json:
            said = {"said": str(error), "hint": error.hint}
            self._document({"type": "trouble", "at": utc_now().isoformat(), **said})
        else:
            self._line(f"  trouble: {printable(str(error))} {error.hint}", err=True)

    def _document(self, document: dict[str, Any]) -> None:
        self._line(json.dumps(document, ensure_ascii=False))

    def _line(self, line: str, *, err: bool = False) -> None:
        try:
            typer.echo(line, err=err)
        except OSError as error:
            self.lost = error


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
