"""Options that several subcommands have, so that they are spelled and explained alike."""

from datetime import datetime
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="Answer as on this day; today if not given."),
]
CloudName = Annotated[str, typer.Option("--name", help="The cloud's name.")]
