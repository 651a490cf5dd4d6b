"""`allmende registry integrator`: keep the register of integrators on the registry's own machine."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

from allmende.cli.clock import utc_now
from allmende.cli.log_key import LogKeyOption, ensure_log_key, log_key_file
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, granted, opened_registry, record_url, show_rows
from allmende.config import directories
from allmende.registry.model.assessment import Act
from allmende.registry.model.integrators import Integrator, Layer, Reference, Work
from allmende.registry.run import administer, log
from allmende.registry.run import integrators as run

EXAMPLES = """Examples:

\b
  allmende registry integrator add partner-ag --name 'Partner AG' \\
      --country CH --account assessor-a
  allmende registry integrator refer partner-ag --environment 'Cloud of X' \\
      --layer IaaS --work managed --since 2025-09-01 --subject cloud-x \\
      --account assessor-a
  allmende registry integrator show partner-ag
  allmende registry integrator certify partner-ag --layer IaaS \\
      --account assessor-a
  allmende registry integrator revoke ID --account assessor-a --reason '…'

Points (scs-0007): 2 for what was brought into production within a year, or
has been managed or operated for a year; 1 for half a year. Silver needs 4,
Bronze 2. What does not conform today counts for nothing.
"""

AccountOption = Annotated[str, typer.Option("--account", help="The assessor's account.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The integrator's id.")]
CertificateId = Annotated[UUID, typer.Argument(metavar="ID", help="The certificate's id.")]
Day = typer.Option(formats=["%Y-%m-%d"], metavar="DAY")

app = typer.Typer(
    help="Integrators: who builds and runs clouds for others, and their certificates.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("add")
def add(
    id_: Id,
    *,
    account: AccountOption,
    name: Annotated[str, typer.Option(help="What people call it; the id if not given.")] = "",
    url: Annotated[str, typer.Option(help="Its home page.")] = "",
    country: Annotated[str, typer.Option(help="Where it stands: CH, DE, … (ISO 3166-1).")] = "",
    database: DatabaseOption = None,
) -> None:
    """Make an integrator known, or give it a new face."""
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        granted(run.put(registry, who, Integrator(id=id_, name=name or id_, url=url, country=country.upper())))
    typer.echo(f"The integrator {id_} is known.", err=True)


@app.command("refer")
def refer(
    id_: Id,
    *,
    account: AccountOption,
    environment: Annotated[str, typer.Option(help="The name of the environment; it is public.")],
    layer: Annotated[Layer, typer.Option(help="What it offers.")],
    work: Annotated[Work, typer.Option(help="Built or managed for a third party, or operated as a public cloud.")],
    since: Annotated[datetime, Day],
    subject: Annotated[str | None, typer.Option(help="The subject that it is here, if any.")] = None,
    shown: Annotated[str, typer.Option(help="How else it was shown that it conforms; it is not public.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Record an environment that an integrator refers to, which you have examined; prints its id."""
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        reference = Reference(
            id=uuid4(),
            integrator=id_,
            layer=layer,
            work=work,
            environment=environment,
            since=since.date(),
            subject=subject,
            shown=shown,
            account=who.name,
            recorded_at=utc_now(),
        )
        granted(run.refer(registry, who, reference))
    typer.echo(reference.id)


@app.command("end")
def end(
    reference: Annotated[UUID, typer.Argument(metavar="REFERENCE", help="The reference's id.")],
    *,
    account: AccountOption,
    until: Annotated[datetime, Day],
    database: DatabaseOption = None,
) -> None:
    """Note that something is no longer managed or operated."""
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        granted(run.end_reference(registry, who, reference, until.date()))
    typer.echo(f"The reference {reference} ends on {until.date()}.", err=True)


@app.command("list")
def list_integrators(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the integrators with their points of today."""
    with opened_registry(database) as registry:
        found = run.records(registry, utc_now())
    rows = [
        {
            "id": each.integrator.id,
            "name": each.integrator.name,
            **{str(layer): str(each.points(layer)) for layer in Layer},
            "certificates": ", ".join(f"{one.certificate.title}: {one.standing}" for one in each.certificates),
        }
        for each in found
    ]
    show_rows(rows, as_json=as_json)


@app.command("show")
def show(id_: Id, *, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """Show what an integrator refers to, and what each of it is worth today."""
    with opened_registry(database) as registry:
        found = run.record_of(registry, id_, utc_now())
    rows = [
        {
            "reference": str(each.reference.id),
            "environment": each.reference.environment,
            "layer": str(each.reference.layer),
            "work": str(each.reference.work),
            "since": each.reference.since.isoformat(),
            "until": each.reference.until.isoformat() if each.reference.until else "",
            "conforms": "yes" if each.conforms else "no",
            "points": str(each.points),
        }
        for each in found.references
    ]
    show_rows(rows, as_json=as_json)


@app.command("certify")
def certify(
    id_: Id,
    *,
    layer: Annotated[Layer, typer.Option(help="For what.")],
    account: AccountOption,
    log_key: LogKeyOption = None,
    database: DatabaseOption = None,
) -> None:
    """Certify the tier that the points of today reach, for one year. It is signed with the key of the log."""
    now = utc_now()
    key_file = log_key_file(record_url(database), log_key, directories(os.environ, Path.home()))
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        notary = log.notary(registry, ensure_log_key(registry, key_file), now)
        made = granted(run.certify(registry, notary, who, (uuid4(), id_, layer), now))
    typer.echo(made.id)
    end_day = made.expires_at.astimezone(UTC).date()
    typer.echo(f"{id_} is a {made.title} until {end_day}, for {made.points} points.", err=True)


@app.command("suspend")
def suspend(
    id_: CertificateId,
    *,
    account: AccountOption,
    reason: Annotated[str, typer.Option(help="Why; it is public.")],
    database: DatabaseOption = None,
) -> None:
    """Let a certificate count for nothing until it is resumed."""
    _do(id_, Act.SUSPEND, account, reason, database)


@app.command("resume")
def resume(
    id_: CertificateId,
    *,
    account: AccountOption,
    reason: Annotated[str, typer.Option(help="Why; it is public.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Let a suspended certificate count again."""
    _do(id_, Act.RESUME, account, reason, database)


@app.command("revoke")
def revoke(
    id_: CertificateId,
    *,
    account: AccountOption,
    reason: Annotated[str, typer.Option(help="Why; it is public.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be taken back.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Revoke a certificate for ever."""
    if not yes:
        typer.confirm(f"Revoke the certificate {id_}? This cannot be taken back.", abort=True, err=True)
    _do(id_, Act.REVOKE, account, reason, database)


def _do(id_: UUID, what: Act, account: str, reason: str, database: str | None) -> None:
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        changed = granted(run.act(registry, who, id_, what, reason, utc_now()))
        worth = run.certificate(registry, id_, utc_now()).standing
    typer.echo(f"The certificate {id_} of {changed.integrator} is {worth}.", err=True)
