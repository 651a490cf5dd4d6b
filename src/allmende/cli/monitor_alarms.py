"""`allmende monitor alarms`, `mute`, `mutes` and `unmute`: what is wrong, and whom nobody is told of for a while."""

import getpass
import json
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

import typer

from allmende.cli.clock import moment, utc_now
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, record_url, show_rows
from allmende.printable import printable
from allmende.storage.database import open_database

EXAMPLES = """Examples:

\b
  allmende monitor alarms                       what is wrong now
  allmende monitor alarms mycloud --all         what was wrong
  allmende monitor mute mycloud --hours 2 --reason 'new switches'
  allmende monitor mute mycloud --service dns --from 2026-12-01T22:00 \\
      --hours 4 --reason 'maintenance, announced on 2026-11-20'
  allmende monitor mutes
  allmende monitor unmute ID

Who is told, and how: allmende registry subscription. Muted alarms are kept;
one that outlasts the mute is told of then. All times are UTC.
"""


def alarms(
    cloud: Annotated[str | None, typer.Argument(metavar="CLOUD", help="Only of this cloud.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """List alarms, the newest first, with what was seen last."""
    from allmende.health.rules.alarms import evidence
    from allmende.health.run.alarms import known_alarms

    store = open_database(record_url(database))
    try:
        found = known_alarms(store, cloud, open_only=not every)
    finally:
        store.close()
    if as_json:
        plain = [
            {
                "id": str(each.id),
                "cloud": each.cause.cloud,
                "trouble": each.cause.trouble,
                "what": each.cause.what,
                "began_at": each.began_at.isoformat(),
                "ended_at": None if each.ended_at is None else each.ended_at.isoformat(),
                "times": each.times,
                "said": each.newest.said,
                "seen": list(evidence(each)),
            }
            for each in found
        ]
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    for each in found:
        ended = "" if each.ended_at is None else f", over at {each.ended_at:%m-%d %H:%M}"
        about = f"{each.cause.cloud} {each.cause.trouble} {each.cause.what}".rstrip()
        typer.echo(f"{each.began_at:%Y-%m-%d %H:%M} {about}, seen {each.times} times{ended}")
        typer.echo(f"  {printable(each.newest.said)}")
        for line in evidence(each):
            typer.echo(f"  {printable(line)}")
    typer.echo(f"{len(found)} alarms{'' if every else ' now'}", err=True)


def mute(
    cloud: Annotated[str, typer.Argument(metavar="CLOUD", help="The cloud's name, as it is measured.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for those who wonder why nobody was told.")],
    hours: Annotated[float, typer.Option(min=0.01, help="For so many hours.")],
    service: Annotated[str, typer.Option(help="Only of this service, as in the catalog.")] = "",
    begin: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DDTHH:MM", help="From then on (UTC); now if not given.")
    ] = "",
    database: DatabaseOption = None,
) -> None:
    """Let nobody be told of a cloud's alarms for a while, as during maintenance."""
    from allmende.health.model.alarm import Mute
    from allmende.health.run.alarms import mute as muted

    since = moment(begin) if begin else utc_now()
    wish = Mute(
        id=uuid4(),
        cloud=cloud,
        service=service,
        since=since,
        until=since + timedelta(hours=hours),
        reason=reason,
        made_by=getpass.getuser(),
    )
    store = open_database(record_url(database))
    try:
        muted(store, wish)
    finally:
        store.close()
    typer.echo(f"Nobody is told until {wish.until:%Y-%m-%d %H:%M} UTC. Mute: {wish.id}", err=True)


def mutes(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the mutes that have not ended."""
    from allmende.health.run.alarms import known_mutes

    store = open_database(record_url(database))
    try:
        found = known_mutes(store, utc_now())
    finally:
        store.close()
    rows = [
        {
            "id": str(each.id),
            "cloud": each.cloud,
            "service": each.service or "all",
            "from": f"{each.since:%Y-%m-%d %H:%M}",
            "until": f"{each.until:%Y-%m-%d %H:%M}",
            "reason": each.reason,
            "by": each.made_by,
        }
        for each in found
    ]
    show_rows(rows, as_json=as_json)


def unmute(
    id_: Annotated[UUID, typer.Argument(metavar="ID", help="The mute's id.")], *, database: DatabaseOption = None
) -> None:
    """Let a mute end now."""
    from allmende.health.run.alarms import unmute as unmuted

    store = open_database(record_url(database))
    try:
        unmuted(store, id_, utc_now())
    finally:
        store.close()
    typer.echo(f"The mute {id_} has ended.", err=True)
