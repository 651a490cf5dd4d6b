"""`allmende registry attestation`: what waits for an assessor, and deciding on it, on the registry's own machine."""

from typing import Annotated
from uuid import UUID

import typer

from allmende.cli.clock import utc_now
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, granted, opened_registry, show_rows
from allmende.registry.model.assessment import Decision
from allmende.registry.run import administer, attest

EXAMPLES = """Examples:

\b
  allmende registry account add assessor-a --role assessor
  allmende registry attestation list
  allmende registry attestation decide REPORT key-manager-docs-check accept \\
      --account assessor-a
  allmende registry attestation decide REPORT key-manager-docs-check reject \\
      --account assessor-a --reason 'The link leads to a login page.'

Assessors elsewhere decide by the API, with a token:
  POST /api/reports/REPORT/attestations/TESTCASE
"""

app = typer.Typer(
    help="What operators state of testcases that people judge, and what is decided on it.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_attestations(
    *,
    subject: Annotated[str | None, typer.Option(help="Only those of this subject.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
    as_json: AsJson = False,
    database: DatabaseOption = None,
) -> None:
    """List the attestations that wait for a decision, newest first."""
    with opened_registry(database) as registry:
        found = attest.attested(registry, subject)
    rows = [
        {
            "report": str(each.report.id),
            "testcase": each.result.testcase,
            "subject": each.report.subject,
            "outcome": str(each.result.outcome),
            "stated": each.result.checked_at.isoformat(timespec="minutes"),
            "by": each.report.account,
            "decision": str(each.decision or "none yet"),
        }
        for each in found
        if everything or each.is_open
    ]
    show_rows(rows, as_json=as_json)


@app.command("decide", epilog=EXAMPLES)
def decide(
    report: Annotated[UUID, typer.Argument(metavar="REPORT", help="Id of the report with the attestation.")],
    testcase: Annotated[str, typer.Argument(metavar="TESTCASE", help="The testcase that it attests.")],
    decision: Annotated[Decision, typer.Argument(help="A rejection stands; who is asked may answer.")],
    *,
    account: Annotated[str, typer.Option(help="The assessor's account.")],
    reason: Annotated[str, typer.Option(help="Why; needed to reject and to ask. It is public.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Accept or reject an attestation, or ask for more."""
    with opened_registry(database) as registry:
        who = administer.account_called(registry, account)
        answer = granted(attest.decide(registry, who, (report, testcase), decision, reason, utc_now()))
    counts = "It counts from now on." if decision is Decision.ACCEPT else "It does not count."
    typer.echo(f"{answer.report.subject}, {testcase}: {decision}. {counts}", err=True)
