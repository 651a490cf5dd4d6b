"""`allmende down`: stop what `allmende up` started, the cloud and the registry. Their state stays."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.serving import stop_serving
from allmende.cli.steps import shown_steps
from allmende.config import directories
from allmende.refcloud.run import down as bring_down
from allmende.refcloud.run import names

EXAMPLES = """Examples:

\b
  allmende down                     every cloud of this user, and the registry
  allmende down --name second       only that cloud

`allmende up` continues where this stops. `allmende cloud destroy` removes a
cloud's state as well.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def down(
    *,
    name: Annotated[str | None, typer.Option(help="Only this cloud; the registry goes on.")] = None,
) -> None:
    """Stop the cloud and the registry that `up` started."""
    ours = directories(os.environ, Path.home())
    with shown_steps() as steps:
        stopped = [one for one in ([name] if name else names(ours)) if asyncio.run(bring_down(ours, one, steps))]
        if name is None and stop_serving(ours):
            stopped.append("the registry")
    typer.echo(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.", err=True)
