"""`allmende registry certificate`: issue and revoke certificates on the registry's own machine; verify one anywhere."""

import json
import os
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

from allmende.cli.clock import utc_now
from allmende.cli.exits import exit_code
from allmende.cli.log_key import LogKeyOption, ensure_log_key, log_key_file
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, granted, opened_registry, record_url, show_rows
from allmende.cli.terminal import print_wrapped, terminal
from allmende.config import directories
from allmende.outcome import Outcome
from allmende.registry.fetch.certificate import fetched_certificate
from allmende.registry.model.assessment import Act
from allmende.registry.run import administer, certify, log

EXAMPLES = """Examples:

\b
  allmende registry certificate issue mycloud --version v5.1 \\
      --account assessor-a
  allmende registry certificate list
  allmende registry certificate suspend ID --account assessor-a \\
      --reason 'Images have not been updated for two months.'
  allmende registry certificate revoke ID --account assessor-a --reason '…'
  allmende registry certificate verify \\
      https://registry.example.org/certificates/ID

Assessors elsewhere do the same by the API, with a token: see /api/openapi.json.
"""

AccountOption = Annotated[str, typer.Option("--account", help="The assessor's account.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is public.")]
Id = Annotated[UUID, typer.Argument(metavar="ID", help="The certificate's id.")]

app = typer.Typer(
    help="Certificates: a subject conforms to a version of a scope, for a year.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("issue")
def issue(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Id of what is certified.")],
    *,
    version: Annotated[str, typer.Option(help="The version of the scope.")],
    account: AccountOption,
    scope: Annotated[str, typer.Option(help="The scope.")] = "iaas",
    log_key: LogKeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Certify what surely passes today, for one year. It is signed with the key of the log."""
    now = utc_now()
    key_file = log_key_file(record_url(database), log_key, directories(os.environ, Path.home()))
    wish = certify.Wish(id=uuid4(), subject=subject, scope=scope, version=version)
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        notary = log.notary(registry, ensure_log_key(registry, key_file), now)
        answer = certify.issue(registry, notary, who, wish, now)
    certificate = granted(answer)
    typer.echo(certificate.id)
    typer.echo(f"{subject} is certified for {version} until {certificate.expires_at.date()}.", err=True)


@app.command("suspend")
def suspend(id_: Id, *, account: AccountOption, reason: ReasonOption, database: DatabaseOption = None) -> None:
    """Let a certificate count for nothing until it is resumed."""
    _do(id_, Act.SUSPEND, account, reason, database)


@app.command("resume")
def resume(id_: Id, *, account: AccountOption, reason: ReasonOption = "", database: DatabaseOption = None) -> None:
    """Let a suspended certificate count again."""
    _do(id_, Act.RESUME, account, reason, database)


@app.command("revoke")
def revoke(
    id_: Id,
    *,
    account: AccountOption,
    reason: ReasonOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be taken back.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Revoke a certificate for ever; it stays in the public revocation list."""
    if not yes:
        typer.confirm(f"Revoke the certificate {id_}? This cannot be taken back.", abort=True, err=True)
    _do(id_, Act.REVOKE, account, reason, database)


@app.command("list")
def list_certificates(
    *,
    subject: Annotated[str | None, typer.Option(help="Only those of this subject.")] = None,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """List the certificates, also those that ended within the last twelve months."""
    with opened_registry(database) as registry:
        found = certify.records(registry, utc_now(), subject)
    rows = [
        {
            "id": str(each.certificate.id),
            "subject": each.subject.id,
            "scope": f"{each.scope.called} {each.certificate.version}",
            "standing": f"{each.standing}{' (due for review)' if each.is_due_for_review else ''}",
            "ends": each.certificate.expires_at.date().isoformat(),
        }
        for each in found
    ]
    show_rows(rows, as_json=as_json)


@app.command("verify")
def verify(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of a certificate's page.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Verify a certificate: that it is signed by a key of its registry's log, and what it is worth now."""
    found = fetched_certificate(url)
    outcome = Outcome.PASS if found.is_good else Outcome.FAIL
    if as_json:
        typer.echo(json.dumps({"outcome": outcome, **found.plain}, indent=2, ensure_ascii=False))
    else:
        for line in found.sentences:
            print_wrapped(terminal(), line, "")
    raise typer.Exit(exit_code(outcome, complete=True))


def _do(id_: UUID, what: Act, account: str, reason: str, database: str | None) -> None:
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        granted(certify.act(registry, who, id_, what, reason, utc_now()))
        record = certify.record_of(registry, id_, utc_now())
    typer.echo(f"The certificate {id_} of {record.subject.id} is {record.standing}.", err=True)
