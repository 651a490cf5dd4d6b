"""`allmende cloud`: a real OpenStack on this machine, brought up, looked at, and removed without a trace."""

import asyncio
import json
import os
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from allmende.cli import defects
from allmende.cli.clock import utc_now
from allmende.cli.options import AsJson, CloudName
from allmende.cli.steps import shown_steps
from allmende.cli.terminal import terminal
from allmende.config import Directories, directories
from allmende.errors import UnknownNameError, UsageError
from allmende.refcloud import run
from allmende.refcloud.apply.blueprint import load_blueprint
from allmende.refcloud.model.cloud import CloudAddress, Profile

_MIB = 1024**2
_FOLLOW_SECONDS = 0.3

UP_EXAMPLES = """Examples:

\b
  allmende cloud up                        real guests under libvirt and QEMU
  allmende cloud up --profile api          every API, no guests: quicker
  allmende cloud up --name two             a second cloud beside the first
  allmende cloud up --port-base 35000      ports from 35000 on
  eval "$(allmende cloud env)"             then: openstack server list

A second `up` on a running cloud changes nothing. After Ctrl-C, `up` continues
where it was, and `down` cleans up.
"""
STATUS_EXAMPLES = """Examples:

\b
  allmende cloud status
  allmende cloud status --json | jq '.units[] | select(.state != "running")'

Exit code 0: the cloud answers. 3: it does not run, or its start has not ended.
"""
LOG_EXAMPLES = """Examples:

\b
  allmende cloud logs                      which logs there are
  allmende cloud logs nova-compute         the end of one
  allmende cloud logs neutron-api -f       and what is added to it
"""
ENV_EXAMPLES = """Examples:

\b
  eval "$(allmende cloud env)"             act as the cloud's ordinary user
  eval "$(allmende cloud env --operator)"  act as its operator
"""
DESTROY_EXAMPLES = """Examples:

\b
  allmende cloud destroy                   asks first
  allmende cloud destroy --name two --yes

Installed packages and what clouds share (the environment of OpenStack, guest
images) stay.
"""

app = typer.Typer(
    name="cloud",
    help="The reference cloud: a real, small OpenStack on this machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

app.add_typer(defects.app)


@app.command(epilog=UP_EXAMPLES)
def up(
    *,
    name: CloudName = run.DEFAULT_NAME,
    profile: Annotated[
        Profile | None, typer.Option(help="core: real guests (the default of a new cloud); api: none.")
    ] = None,
    port_base: Annotated[
        int | None, typer.Option(min=1024, max=65000, help="First port; without it, free ones are found.")
    ] = None,
    published_images: Annotated[
        bool, typer.Option(help="Also fetch the images of scs-0104 (Ubuntu, Debian, CAPI) from their makers.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Bring the cloud up, or continue a start that was interrupted."""
    began = time.monotonic()
    options = run.UpOptions(
        today=utc_now().date(), name=name, profile=profile, port_base=port_base, published_images=published_images
    )
    with shown_steps() as steps:
        address = asyncio.run(run.up(load_blueprint(), _ours(), options, steps))
    typer.echo(_address_json(address) if as_json else _address_text(address))
    typer.echo(f"The cloud {name} answers ({time.monotonic() - began:.0f} s).", err=True)


@app.command()
def down(*, name: CloudName = run.DEFAULT_NAME) -> None:
    """Stop the cloud and leave nothing running; `up` continues with the same state."""
    with shown_steps() as steps:
        stopped = asyncio.run(run.down(_ours(), name, steps))
    typer.echo(f"The cloud {name} {'is stopped' if stopped else 'was not running'}.", err=True)


@app.command(epilog=STATUS_EXAMPLES)
def status(*, name: CloudName = run.DEFAULT_NAME, as_json: AsJson = False) -> None:
    """Show every unit: state, uptime, memory, restarts, port."""
    found = asyncio.run(run.status(load_blueprint(), _ours(), name))
    if as_json:
        typer.echo(json.dumps(_status_document(found), indent=2))
    elif found.units:
        _show(found)
    typer.echo(_in_words(found), err=True)
    if not found.ready:
        raise typer.Exit(3)


@app.command(epilog=LOG_EXAMPLES)
def logs(
    unit: Annotated[str | None, typer.Argument(help="A unit or step; without it, all are listed.")] = None,
    *,
    name: CloudName = run.DEFAULT_NAME,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of the end.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added, until Ctrl-C.")] = False,
) -> None:
    """Show the log of a unit."""
    files = run.log_files(_ours(), name)
    if unit is None:
        typer.echo("\n".join(f"{each:28}  {file.stat().st_size / 1024:8.0f} KiB" for each, file in files.items()))
        return
    if unit not in files:
        raise UnknownNameError(
            f"The cloud {name} has no log `{unit}`.", hint="`allmende cloud logs` lists the logs there are."
        )
    with files[unit].open(encoding="utf-8", errors="replace") as log:
        typer.echo("".join(deque(log, maxlen=lines)), nl=False)
        while follow:
            typer.echo(log.read(), nl=False)
            time.sleep(_FOLLOW_SECONDS)


@app.command(epilog=ENV_EXAMPLES)
def env(
    *,
    name: CloudName = run.DEFAULT_NAME,
    operator: Annotated[bool, typer.Option("--operator", help="As the operator, not as the user.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the variables with which OpenStack's clients reach the cloud."""
    address = run.address(_ours(), name)
    file = address.operator_yaml if operator else address.clouds_yaml
    values = {"OS_CLIENT_CONFIG_FILE": str(file), "OS_CLOUD": address.operator if operator else address.cloud}
    if not file.exists():
        raise UsageError(
            f"The cloud {name} was never completely up.", hint=f"allmende cloud up --name {name} continues."
        )
    typer.echo(json.dumps(values) if as_json else "".join(f"export {k}={v}\n" for k, v in values.items()).rstrip())


@app.command(epilog=DESTROY_EXAMPLES)
def destroy(
    *,
    name: CloudName = run.DEFAULT_NAME,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop the cloud and remove its state: servers, volumes, images, passwords."""
    folder = run.address(_ours(), name).clouds_yaml.parent
    if not yes:
        typer.confirm(f"Remove the cloud {name} with everything in {folder}?", abort=True, err=True)
    with shown_steps() as steps:
        asyncio.run(run.destroy(_ours(), name, steps))
    typer.echo(f"The cloud {name} is removed.", err=True)


@app.command("list")
def list_clouds(*, as_json: AsJson = False) -> None:
    """List the clouds of this user."""
    ours, blueprint = _ours(), load_blueprint()
    found = [asyncio.run(run.status(blueprint, ours, name)) for name in run.names(ours)]
    if as_json:
        clouds = [{"name": one.name, "profile": one.profile, "ready": one.ready} for one in found]
        typer.echo(json.dumps(clouds, indent=2))
        return
    for one in found:
        typer.echo(f"{one.name:20}  {one.profile:5}  {'up' if one.ready else 'down':5}  {one.address.auth_url}")
    if not found:
        typer.echo("There is no reference cloud; `allmende cloud up` makes one.", err=True)


def _ours() -> Directories:
    return directories(os.environ, Path.home())


def _address_text(address: CloudAddress) -> str:
    return (
        f"export OS_CLIENT_CONFIG_FILE={address.clouds_yaml}\n"
        f"export OS_CLOUD={address.cloud}\n"
        f"# {address.auth_url}, floating addresses in {address.external_network}"
    )


def _address_json(address: CloudAddress) -> str:
    return json.dumps(asdict(address), default=str, indent=2)


def _status_document(found: run.CloudStatus) -> dict[str, Any]:
    return {
        "name": found.name,
        "profile": found.profile,
        "ready": found.ready,
        "auth_url": found.address.auth_url,
        "defects": found.defects,
        "memory_bytes": sum(unit.memory_bytes for unit in found.units),
        "units": [asdict(unit) for unit in found.units],
    }


def _show(found: run.CloudStatus) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("unit")
    table.add_column("state")
    for heading in ("uptime", "MiB", "restarts", "port"):
        table.add_column(heading, justify="right")
    for unit in found.units:
        table.add_row(
            unit.unit,
            unit.state,
            _duration(unit.uptime_seconds) if unit.uptime_seconds else "",
            f"{unit.memory_bytes / _MIB:.0f}",
            str(unit.restarts or ""),
            str(unit.port or ""),
        )
    terminal().print(table)


def _duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def _in_words(found: run.CloudStatus) -> str:
    mend = f"`allmende cloud mend --name {found.name}`"
    broken = f"\nBroken on purpose: {', '.join(found.defects)} ({mend})." if found.defects else ""
    if not found.units:
        return f"The cloud {found.name} does not run: `allmende cloud up --name {found.name}`.{broken}"
    used = sum(unit.memory_bytes for unit in found.units) / _MIB
    state = "answers" if found.ready else "is still being started, or its start was interrupted"
    return f"The cloud {found.name} {state}: {found.address.auth_url}, {used:.0f} MiB of memory.{broken}"
