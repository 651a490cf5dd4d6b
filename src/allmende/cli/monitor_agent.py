"""`allmende monitor agent`: one long-running process that tries many clouds, as a file says."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allmende.cli.monitor_views import Shown
from allmende.cli.monitor_work import Elsewhere, working
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption
from allmende.cli.signals import ended_by_signals, interruptible
from allmende.errors import SettingsError

if TYPE_CHECKING:  # the SDK takes a second to import
    from allmende.health.model.assignment import Duties
    from allmende.health.run.agent import Agent

EXAMPLES = """Examples:

\b
  allmende monitor agent monitor.yaml
  allmende monitor agent monitor.yaml --json >> samples.jsonl

The file:

\b
  vantage: zurich                          where it looks from
  every: 5                                 minutes
  registry: https://registry.example.org   without it: its own database
  account: operator
  token_file: /etc/allmende/token
  clouds:
    - cloud: mycloud                       a name in clouds.yaml
      subject: mycloud-zrh                 its name in the registry
      scenarios: [api, instance]           all if not given
      without: [reach its SSH from outside]
    - {cloud: other, every: 1, scenarios: [api]}

What a registry cannot be told is kept, and told when it answers again.
Ctrl-C and SIGTERM end it in an orderly way: what it created is removed first.
"""


def agent(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to do: YAML.")],
    *,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """Try the clouds of a file again and again, side by side, until told to stop."""
    from allmende.health.rules.duties import read
    from allmende.health.run.agent import playables

    try:
        duties = read(file.read_bytes(), file.name)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.", hint="Check the path.") from error
    for assignment in duties.assignments:
        playables(assignment)  # so that a name that there is not is told of before anything else
    where = Elsewhere(
        registry=duties.registry,
        account=duties.account,
        token_file=file.parent / duties.token_file if duties.token_file else None,
    )
    shown = Shown(as_json=as_json, in_brief=True)
    with working(duties.vantage, where, database, shown) as work:
        interruptible(_all(work, duties))


async def _all(work: "Agent", duties: "Duties") -> None:
    from allmende.clouds.openstack import OpenStackCloud, open_cloud

    async def opened(name: str | None) -> OpenStackCloud:
        return await open_cloud(name, environ=os.environ)

    with ended_by_signals():
        await work.all(duties.assignments, opened)
