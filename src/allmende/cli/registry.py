"""`allmende registry`: what whoever runs a registry does by hand: subjects, accounts, keys and tokens."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.clock import utc_now
from allmende.cli.keys import read_secret, write_secret
from allmende.cli.log_key import LogKeyOption, ensure_log_key, log_key_file, new_log_key
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, opened_registry, record_url, show_rows
from allmende.cli.registry_apply import EXAMPLES as APPLY_EXAMPLES
from allmende.cli.registry_apply import apply, export
from allmende.cli.registry_attestation import app as attestation_app
from allmende.cli.registry_backup import EXAMPLES as BACKUP_EXAMPLES
from allmende.cli.registry_backup import backup, restore
from allmende.cli.registry_certificate import app as certificate_app
from allmende.cli.registry_import import EXAMPLES as IMPORT_EXAMPLES
from allmende.cli.registry_import import import_history
from allmende.cli.registry_integrator import app as integrator_app
from allmende.cli.registry_subscription import app as subscription_app
from allmende.cli.registry_verify import EXAMPLES as VERIFY_EXAMPLES
from allmende.cli.registry_verify import verify_registry
from allmende.config import directories
from allmende.registry.fetch import due as asking
from allmende.registry.model.accounts import Role, Token, TokenScope
from allmende.registry.model.record import Subject
from allmende.registry.model.sign_in import Identity
from allmende.registry.rules import sign_in as sign_in_rules
from allmende.registry.rules.due import SOON
from allmende.registry.rules.tokens import RANDOM_BYTES
from allmende.registry.run import administer, log, read, sign_in
from allmende.report.keys import parse_public_key
from allmende.web.words import count, iso_day

EXAMPLES = """Examples:

\b
  allmende registry subject add mycloud --name 'My cloud' --operator 'My AG'
  allmende registry account add myname --subject mycloud
  allmende registry account key myname id_ed25519.pub
  allmende registry account token myname --output token
  allmende registry account invite myname
  allmende registry due https://registry.example.org mycloud
  allmende registry verify https://registry.example.org
"""

Name = Annotated[str, typer.Argument(help="The account's name.")]

app = typer.Typer(
    help="Accounts, keys and subjects of a registry, what is due there, and whether its record is what it says.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
subject_app = typer.Typer(help="What is tested.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
account_app = typer.Typer(help="Who reports.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
log_app = typer.Typer(
    help="The log that anyone can verify.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
app.add_typer(subject_app, name="subject")
app.add_typer(log_app, name="log")
app.add_typer(attestation_app, name="attestation")
app.add_typer(certificate_app, name="certificate")
app.add_typer(integrator_app, name="integrator")
app.add_typer(subscription_app, name="subscription")
app.command("apply", epilog=APPLY_EXAMPLES)(apply)
app.command("export", epilog=APPLY_EXAMPLES)(export)
app.command("backup", epilog=BACKUP_EXAMPLES)(backup)
app.command("restore", epilog=BACKUP_EXAMPLES)(restore)
app.command("import", epilog=IMPORT_EXAMPLES)(import_history)
app.command("verify", epilog=VERIFY_EXAMPLES)(verify_registry)
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
    country: Annotated[str, typer.Option(help="Where it stands: CH, DE, … (ISO 3166-1).")] = "",
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
        country=country.upper(),
    )
    with opened_registry(database) as registry:
        administer.ensure_subject(registry, subject)
    typer.echo(f"The subject {id_} is known.", err=True)


@subject_app.command("list")
def list_subjects(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the subjects."""
    with opened_registry(database) as registry:
        found = read.list_subjects(registry)
    rows = [{"id": s.id, "name": s.name, "operator": s.operator, "group": s.group, "country": s.country} for s in found]
    show_rows(rows, as_json=as_json)


@app.command("due")
def due(
    url: Annotated[str, typer.Argument(metavar="URL", help="The registry's address.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject's id there.")],
    *,
    days: Annotated[int, typer.Option(min=0, help="Also what will be due within so many days.")] = SOON.days,
    as_json: AsJson = False,
) -> None:
    """Tell which testcases of a subject must run again, and by when; nothing is printed when none must."""
    found = asking.due(url, subject, days)
    if as_json:
        typer.echo(asking.as_json(found))
    for each in () if as_json else found.due:
        who = "" if each.automated else ", judged by people"
        typer.echo(f"{iso_day(each.by)}  {each.testcase:32}  {each.target:11}  {each.why}{who}")
    typer.echo(f"{count(len(found.due), 'testcase')} of {subject} due within {count(days, 'day')}.", err=True)


@account_app.command("add")
def add_account(
    name: Name,
    *,
    subject: Annotated[list[str] | None, typer.Option(help="Id of a subject it may report for; repeatable.")] = None,
    role: Annotated[list[Role] | None, typer.Option(help="What else it may do; repeatable.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Make an account, or let it do more."""
    with opened_registry(database) as registry:
        administer.ensure_account(registry, name, utc_now())
        for id_ in subject or ():
            administer.ensure_grant(registry, name, id_)
        for one in role or ():
            administer.ensure_role(registry, name, one)
    typer.echo(f"The account {name} is known.", err=True)


@account_app.command("list")
def list_accounts(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the accounts with their subjects and keys."""
    with opened_registry(database) as registry:
        found = administer.list_accounts(registry)
    rows = [
        {
            "account": account.name,
            "roles": sorted(account.roles),
            "subjects": sorted(account.subjects),
            "keys": [key.fingerprint for key in keys],
        }
        for account, keys in found
    ]
    show_rows(rows, as_json=as_json)


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
    label: Annotated[str, typer.Option("--name", help="What it is for, so that people can tell it apart.")] = "",
    scope: Annotated[
        list[TokenScope] | None, typer.Option(help="What it may be used for; everything if not given; repeatable.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="After how many days it ends.")] = None,
    output: Annotated[Path | None, typer.Option(help="File for the token (mode 0600); stdout if not given.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Let all earlier tokens end first.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Make a token for an account. It is shown once; the registry keeps its hash only."""
    now = utc_now()
    wish = Token(
        id="",
        hash="",
        account=name,
        name=label,
        scopes=frozenset(scope or TokenScope),
        made_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    with opened_registry(database) as registry:
        if revoke:
            ended = administer.revoke_tokens(registry, name, now)
            typer.echo(f"Earlier tokens that are invalid now: {ended}", err=True)
        token = administer.new_token(registry, wish, secrets.token_bytes(RANDOM_BYTES))
    if output is None:
        typer.echo(token)
    else:
        write_secret(output, f"{token}\n".encode())


@account_app.command("invite")
def invite(
    name: Name,
    *,
    registry_url: Annotated[
        str, typer.Option("--registry", metavar="URL", help="The registry's public address, for the link.")
    ] = "http://127.0.0.1:8080",
    database: DatabaseOption = None,
) -> None:
    """Print a link by which who has the account chooses its password, once."""
    now = utc_now()
    with opened_registry(database) as registry:
        secret = sign_in.invite(registry, name, secrets.token_bytes(sign_in_rules.SECRET_BYTES), now)
    typer.echo(f"{registry_url.rstrip('/')}/invitations/{secret}")
    until = iso_day(now + sign_in_rules.INVITATION_LASTS)
    typer.echo(f"Send this link to {name} alone. It works once, until {until}.", err=True)


@account_app.command("identity")
def identity(
    name: Name,
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="The OpenID provider's issuer.")],
    sub: Annotated[str, typer.Argument(metavar="SUB", help="Who it is there; the sign-in page says it.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="It shall no longer sign in as the account.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Let somebody whom an OpenID provider knows sign in as an account."""
    with opened_registry(database) as registry:
        (sign_in.unlink if remove else sign_in.link)(registry, name, Identity(issuer=issuer, sub=sub))
    typer.echo(f"{sub} {'no longer signs' if remove else 'signs'} in as {name}.", err=True)


@account_app.command("tokens")
def list_tokens(
    name: Name,
    *,
    revoke: Annotated[str | None, typer.Option(metavar="ID", help="Let this token end now.")] = None,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """List the tokens of an account, or let one end."""
    with opened_registry(database) as registry:
        if revoke is not None:
            administer.revoke_tokens(registry, name, utc_now(), revoke)
        found = administer.list_tokens(registry, name)
    rows = [
        {
            "id": token.id,
            "name": token.name,
            "scopes": sorted(token.scopes),
            "made": _day(token.made_at),
            "ends": _day(token.expires_at) or "never",
            "revoked": _day(token.revoked_at),
            "used": _day(token.used_at) or "never",
        }
        for token in found
    ]
    show_rows(rows, as_json=as_json)


@log_app.command("rotate-key")
def rotate_key(
    *,
    lost: Annotated[bool, typer.Option("--lost", help="The key that signed until now is lost.")] = False,
    log_key: LogKeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Sign the log with a new key from now on. What earlier keys signed stays valid.

    The old key is kept beside the new one. Restart the registry afterwards.
    """
    now = utc_now()
    path = log_key_file(record_url(database), log_key, directories(os.environ, Path.home()))
    kept, fresh = path.with_name(f"{path.name}.until-{now:%Y%m%dT%H%M%SZ}"), path.with_name(f"{path.name}.new")
    with opened_registry(database) as registry:
        if not lost:
            log.notary(registry, ensure_log_key(registry, path), now)
        new = new_log_key()
        if path.exists():
            write_secret(kept, read_secret(path, "key of the log"))
            typer.echo(f"The key that was in {path} is kept in {kept}.", err=True)
        write_secret(fresh, new.openssh())
        log.rotate(registry, new, now)
    fresh.replace(path)
    typer.echo(f"The log has a new key, in {path}. Restart the registry now.", err=True)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.date().isoformat()
