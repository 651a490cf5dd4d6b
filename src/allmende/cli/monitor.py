"""`allmende monitor`: run scenarios on a cloud, once or all day, and say how each step went.

Exit codes of `run --once`: 0 everything worked, 1 the cloud failed, 3 the monitor was blind.
"""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allmende.cli.clock import utc_now
from allmende.cli.monitor_agent import EXAMPLES as AGENT_EXAMPLES
from allmende.cli.monitor_agent import agent
from allmende.cli.monitor_alarms import EXAMPLES as ALARM_EXAMPLES
from allmende.cli.monitor_alarms import alarms, mute, mutes, unmute
from allmende.cli.monitor_views import Shown
from allmende.cli.monitor_work import Elsewhere, working
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, record_url, show_rows
from allmende.cli.signals import ended_by_signals, interruptible
from allmende.storage.database import open_database

if TYPE_CHECKING:  # the SDK takes a second to import
    from allmende.health.model.assignment import Assignment
    from allmende.health.run.agent import Agent

EXAMPLES = """Examples:

\b
  allmende monitor scenarios                 what can be run
  allmende monitor run mycloud --once        every scenario, once
  allmende monitor run mycloud --scenario api --every 1
  allmende monitor run mycloud --without 'reach its SSH from outside'
  allmende monitor run mycloud --every 5 --json >> samples.jsonl
  allmende monitor run mycloud --registry https://registry.example.org \\
      --account operator --token-file token --subject mycloud-zrh
  allmende monitor agent monitor.yaml        many clouds, as a file says
  allmende monitor show mycloud --hours 24   how it went

What a scenario creates in the cloud bears the name allmende-…, and is removed
again. Ctrl-C and SIGTERM end it in an orderly way.
"""

_WORDS = {"works": "worked", "fails": "failed", "blind": "blind"}

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
    subject: Annotated[
        str, typer.Option(metavar="NAME", help="Keep it under this name, as that of a registry's subject.")
    ] = "",
    registry: Annotated[
        str, typer.Option(metavar="URL", help="Tell this registry, in place of a database of one's own.")
    ] = "",
    account: Annotated[str, typer.Option(help="The account's name there.")] = "",
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The file with the account's token.")] = None,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """Run scenarios on a cloud, again and again, and say how each step went.

    With --json each sample and each iteration is one line. What was measured is kept: see `monitor show`.
    """
    from allmende.health.model.assignment import Assignment
    from allmende.health.run.agent import playables

    assignment = Assignment(
        cloud=cloud, name=subject, minutes=every, scenarios=tuple(scenario or ()), without=tuple(without or ())
    )
    playables(assignment)  # so that a name that there is not is told of before anything else
    shown = Shown(as_json=as_json)
    where = Elsewhere(registry=registry, account=account, token_file=token_file)
    with working(vantage, where, database, shown) as work:
        states = interruptible(_run(work, assignment, once=once))
    raise typer.Exit(_exit_code(states))


app.command("agent", epilog=AGENT_EXAMPLES)(agent)
for command in (alarms, mute, mutes, unmute):
    app.command(epilog=ALARM_EXAMPLES)(command)


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


async def _run(work: "Agent", assignment: "Assignment", *, once: bool) -> Sequence[str]:
    from allmende.clouds.openstack import open_cloud

    with ended_by_signals():
        async with await open_cloud(assignment.cloud, environ=os.environ) as cloud:
            if once:
                return await work.once(assignment, cloud)
            await work.again(assignment, cloud)
            return ()


def _exit_code(states: Sequence[str]) -> int:
    if "fails" in states:
        return 1
    return 3 if "blind" in states else 0
