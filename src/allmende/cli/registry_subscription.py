"""`allmende registry subscription`: who is told of what happens, and how it stands with the messages."""

import secrets
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

from allmende.cli.clock import utc_now
from allmende.cli.keys import read_secret
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, opened_registry, show_rows
from allmende.registry.model.events import Channel, EventKind
from allmende.registry.run import notify

EXAMPLES = """Examples:

\b
  allmende registry subscription add mycompany mail ops@example.org
  allmende registry subscription add mycompany webhook \\
      https://ci.example.org/hook --kind testcase --kind expiring
  allmende registry subscription add mycompany matrix \\
      'https://matrix.example.org/!room:example.org' --token-file token
  allmende registry subscription add mycompany alertmanager \\
      https://alerts.example.org
  allmende registry subscription list mycompany
  allmende registry subscription end mycompany ID

Told are transitions of the account's subjects: a testcase, a verdict, an
attestation, a certificate, what is about to end, and alarms of the health
monitor. What a webhook gets is signed as the Standard Webhooks specification
says.
"""

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account whose subjects it is about.")]

app = typer.Typer(
    help="Who is told of what happens: e-mail, webhook, Matrix, Alertmanager.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("add")
def add(
    account: Account,
    channel: Annotated[Channel, typer.Argument(help="How.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where: an e-mail address or a URL.")],
    *,
    kind: Annotated[list[EventKind] | None, typer.Option(help="Of what; everything if not given; repeatable.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only of this subject.")] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file with the access token, for a room of Matrix.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Let an account be told from now on. The secret that verifies a webhook's messages is printed once."""
    token = read_secret(token_file, "token").decode("utf-8", "replace").strip() if token_file else ""
    kinds = frozenset(kind or ((EventKind.HEALTH,) if channel is Channel.ALERTMANAGER else EventKind))
    interest = notify.Interest(channel=channel, address=address, kinds=kinds, subject=subject, token=token)
    randomness = secrets.token_bytes(notify.SECRET_BYTES)
    with opened_registry(database) as registry:
        made = notify.subscribe(registry, account, interest, uuid4(), randomness, utc_now())
    if channel is Channel.WEBHOOK:
        typer.echo(f"whsec_{made.secret}")
    typer.echo(f"{address} is told from now on. Subscription: {made.id}", err=True)


@app.command("list")
def list_subscriptions(account: Account, *, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the subscriptions of an account with their newest messages."""
    with opened_registry(database) as registry:
        found = notify.subscriptions(registry, account)
    rows = [
        {
            "id": str(each.id),
            "address": each.address,
            "kinds": sorted(each.kinds),
            "subject": each.subject or "all",
            "messages": [
                f"{message.state}, {len(message.events)} events{f': {message.error}' if message.error else ''}"
                for message in messages[:5]
            ],
        }
        for each, messages in found
    ]
    show_rows(rows, as_json=as_json)


@app.command("end")
def end(
    account: Account,
    id_: Annotated[UUID, typer.Argument(metavar="ID", help="The subscription's id.")],
    *,
    database: DatabaseOption = None,
) -> None:
    """Let a subscription end."""
    with opened_registry(database) as registry:
        notify.unsubscribe(registry, account, id_, utc_now())
    typer.echo(f"The subscription {id_} has ended.", err=True)
