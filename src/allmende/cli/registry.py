"""`allmende registry`: what whoever runs a registry does by hand: subjects, accounts, keys and tokens."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from allmende.cli.clock import utc_now
from allmende.cli.keys import read_secret, write_secret
from allmende.cli.options import AsJson
from allmende.cli.terminal import terminal
from allmende.config import directories
from allmende.registry import fetch
from allmende.registry.model import Subject
from allmende.registry.rules.due import SOON
from allmende.registry.run import administer, read
from allmende.registry.run.registry import Registry
from allmende.report.keys import parse_public_key
from allmende.standards.load import load_standards
from allmende.storage.database import open_database, sqlite_url
from allmende.web.words import count, iso_day

EXAMPLES = """Examples:

\b
  allmende registry subject add mycloud --name 'My cloud' --operator 'My AG'
  allmende registry account add myname --subject mycloud
  allmende registry account key myname id_ed25519.pub
  allmende registry account token myname --output token
  allmende registry due https://registry.example.org mycloud
"""

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="ALLMENDE_DATABASE",
        show_envvar=True,
        metavar="URL",
        help="sqlite:////path/to/file or postgresql://…; a file of this user if not given.",
    ),
]
Name = Annotated[str, typer.Argument(help="The account's name.")]

app = typer.Typer(
    help="Accounts, keys and subjects of a registry, and what is due there.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
subject_app = typer.Typer(help="What is tested.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
account_app = typer.Typer(help="Who reports.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.add_typer(subject_app, name="subject")
app.add_typer(account_app, name="account")


@subject_app.command("add")
def add_subject(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Its id, as reports name it.")],
    *,
    name: Annotated[str, typer.Option(help="What people call it; the id if not given.")] = "",
    operator: Annotated[str, typer.Option(help="Who runs it.")] = "",
    description: Annotated[str, typer.Option(help="One line for the table.")] = "",
    group: Annotated[str, typer.Option(help="Title of the row it shares with other subjects.")] = "",
    url: Annotated[str, typer.Option(help="Its home page.")] = "",
    health_url: Annotated[str, typer.Option(help="Its health monitor.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Make a subject known, or give it a new face."""
    subject = Subject(
        id=id_,
        name=name or id_,
        operator=operator,
        description=description,
        group=group,
        url=url,
        health_url=health_url,
    )
    with opened_registry(database) as registry:
        administer.ensure_subject(registry, subject)
    typer.echo(f"The subject {id_} is known.", err=True)


@subject_app.command("list")
def list_subjects(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the subjects."""
    with opened_registry(database) as registry:
        found = read.list_subjects(registry)
    rows = [{"id": s.id, "name": s.name, "operator": s.operator, "group": s.group} for s in found]
    _show(rows, as_json=as_json)


@app.command("due")
def due(
    url: Annotated[str, typer.Argument(metavar="URL", help="The registry's address.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject's id there.")],
    *,
    days: Annotated[int, typer.Option(min=0, help="Also what will be due within so many days.")] = SOON.days,
    as_json: AsJson = False,
) -> None:
    """Tell which testcases of a subject must run again, and by when; nothing is printed when none must."""
    found = fetch.due(url, subject, days)
    if as_json:
        typer.echo(fetch.as_json(found))
    for each in () if as_json else found.due:
        who = "" if each.automated else ", judged by people"
        typer.echo(f"{iso_day(each.by)}  {each.testcase:32}  {each.target:11}  {each.why}{who}")
    typer.echo(f"{count(len(found.due), 'testcase')} of {subject} due within {count(days, 'day')}.", err=True)


@account_app.command("add")
def add_account(
    name: Name,
    *,
    subject: Annotated[list[str] | None, typer.Option(help="Id of a subject it may report for; repeatable.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Make an account, or let it report for more subjects."""
    with opened_registry(database) as registry:
        administer.ensure_account(registry, name, utc_now())
        for id_ in subject or ():
            administer.ensure_grant(registry, name, id_)
    typer.echo(f"The account {name} is known.", err=True)


@account_app.command("list")
def list_accounts(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the accounts with their subjects and keys."""
    with opened_registry(database) as registry:
        found = administer.list_accounts(registry)
    rows = [
        {"account": account.name, "subjects": sorted(account.subjects), "keys": [key.fingerprint for key in keys]}
        for account, keys in found
    ]
    _show(rows, as_json=as_json)


@account_app.command("key")
def add_key(
    name: Name,
    public_key: Annotated[Path, typer.Argument(metavar="FILE", help="A public key file: id_ed25519.pub.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="The key shall no longer sign for the account.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Let a public key sign for an account."""
    key = parse_public_key(read_secret(public_key, "public key").decode("utf-8", "replace"))
    with opened_registry(database) as registry:
        if remove:
            administer.drop_key(registry, name, key.fingerprint)
        else:
            administer.ensure_key(registry, name, key, utc_now())
    typer.echo(f"{key.fingerprint} {'no longer signs' if remove else 'signs'} for {name}.", err=True)


@account_app.command("token")
def new_token(
    name: Name,
    *,
    output: Annotated[Path | None, typer.Option(help="File for the token (mode 0600); stdout if not given.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make all earlier tokens invalid first.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Make a token for an account. It is shown once; the registry keeps its digest only."""
    with opened_registry(database) as registry:
        if revoke:
            typer.echo(f"Earlier tokens that are invalid now: {administer.drop_tokens(registry, name)}", err=True)
        token = administer.new_token(registry, name, secrets.token_bytes(32), utc_now())
    if output is None:
        typer.echo(token)
    else:
        write_secret(output, f"{token}\n".encode())


@contextmanager
def opened_registry(database: str | None) -> Iterator[Registry]:
    """Yield the registry whose record is in this database, or in this user's own file when none is named."""
    url = database or sqlite_url(directories(os.environ, Path.home()).registry / "record.sqlite")
    registry = Registry(database=open_database(url), standards=load_standards())
    try:
        yield registry
    finally:
        registry.database.close()


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        typer.echo("There are none yet.", err=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name.upper(), overflow="fold")
    for row in rows:
        table.add_row(*("\n".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()))
    terminal().print(table)
