"""`allmende check`: measure a cloud against a version of a scope, say what fails and how to fix it, write the report.

How it looks is `cli.check_views`; what is done is `runner`. Exit codes: 0 conformant, 1 not conformant, 3 inconclusive,
130 interrupted (with what could be judged until then). The command is long because each of its options is a parameter.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from allmende import __version__
from allmende.cli import check_views
from allmende.cli.check_views import Measured
from allmende.cli.exclusions import ExclusionsFile, planned_exclusions
from allmende.cli.exits import exit_code
from allmende.cli.files import write_file
from allmende.cli.forms import FormName, form_of, signable, written
from allmende.cli.keys import read_key
from allmende.cli.measuring import Manners, measured_run
from allmende.cli.options import AsJson
from allmende.cli.planning import asked_plan
from allmende.cli.terminal import terminal
from allmende.cli.watching import watched
from allmende.errors import UsageError
from allmende.report import sign
from allmende.report.document import Report
from allmende.runner.plan import Plan, Reach
from allmende.runner.record import recorded, subject_name
from allmende.standards.load import load_standards
from allmende.standards.model import Standards
from allmende.standards.verdict import score_card

EXAMPLES = """Examples:

\b
  allmende check mycloud
  allmende check mycloud --only 'scs-0103-*' --only scs-0115-default-rules
  allmende check mycloud --version next --json | jq .verdict
  allmende check mycloud -o report.json --key ~/.ssh/id_ed25519
  allmende check mycloud -o junit.xml
  allmende check mycloud --read-only     create nothing in the cloud
  allmende check mycloud --domain-manager mymanager --version next
  allmende check mycloud --resume        go on where Ctrl-C or a kill ended it
  allmende check mycloud --watch 15      every 15 minutes; says what changed
  OS_CLIENT_CONFIG_FILE=./clouds.yaml OS_CLOUD=mycloud allmende check

The credential is an ordinary project member's. Some testcases need a guest, a
backup, a secret: they are created in its project, written down, and removed
again. What a killed run left is removed by the next one, or by
`allmende cleanup`.
"""

USUAL_SECONDS = 1800.0
HEAVY_SECONDS = 6 * 3600.0


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def check(
    cloud: Annotated[
        str | None, typer.Argument(metavar="CLOUD", help="A name in clouds.yaml; without it, the OS_* variables.")
    ] = None,
    *,
    os_cloud: Annotated[str | None, typer.Option(metavar="CLOUD", help="The same as CLOUD.")] = None,
    scope: Annotated[str, typer.Option(help="Id, UUID, name or short form of the scope.")] = "iaas",
    version: Annotated[
        str | None, typer.Option(help="Version of the scope; the newest effective one if not given.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Only testcases that match, as in scs-0103-*.")
    ] = None,
    exclusions: ExclusionsFile = None,
    as_json: AsJson = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the report (.json .yaml .xml .sarif .html)."),
    ] = None,
    form: Annotated[
        FormName | None, typer.Option("--format", help="Form of the report; by the ending of FILE if not given.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whom the report is about; the cloud's name if not given.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sign the report with this OpenSSH key, into FILE.sig.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Create nothing in the cloud.")] = False,
    heavy: Annotated[bool, typer.Option("--heavy", help="Also what takes long: the tests of Tempest.")] = False,
    tempest_accounts: Annotated[
        list[str] | None,
        typer.Option(
            "--tempest-account", metavar="CLOUD", help="A name in clouds.yaml of an account in another project."
        ),
    ] = None,
    domain_manager: Annotated[
        str | None,
        typer.Option(
            metavar="CLOUD", help="An entry of clouds.yaml with a domain manager's account, to try that, too."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    rate: Annotated[
        float, typer.Option(metavar="N", min=0.1, max=1000.0, help="Requests a second that the cloud gets from us.")
    ] = 20.0,
    patience: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", min=1.0, max=86400.0, help="Limit of the whole run."),
    ] = None,
    watch: Annotated[
        float | None,
        typer.Option(metavar="MINUTES", min=0.01, max=10080.0, help="Measure again and again, and say what changed."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every request to stderr.")] = False,
) -> None:
    """Measure a cloud against SCS-compatible IaaS, as an ordinary member of a project."""
    if cloud and os_cloud and cloud != os_cloud:
        raise UsageError(f"Two clouds are named: `{cloud}` and `{os_cloud}`.", hint="Name one of them.")
    _configure_log(verbose=verbose)
    standards = load_standards()
    reach = Reach(active=not read_only, heavy=heavy, manager=domain_manager is not None)
    planned = _planned(standards, scope, version, only or [], reach)
    excluded = planned_exclusions(exclusions, standards, planned)
    if subject is not None:
        subject_name(subject)
    destination = _destination(
        output, form, key, lambda name, report: written(name, [report], standards, planned.version)
    )
    manners = Manners(
        seconds=patience or (HEAVY_SECONDS if heavy else USUAL_SECONDS),
        per_second=rate,
        resume=resume,
        domain_manager=domain_manager,
        accounts=tuple(tempest_accounts or ()),
    )

    turns = chain([manners], repeat(replace(manners, resume=False)))  # only the first of a watch goes on with another

    def once() -> tuple[Measured, Report]:
        identifier = uuid4()
        name, run = measured_run(planned, cloud or os_cloud, next(turns), identifier)
        report = recorded(run, subject=subject or name, identifier=identifier, version=__version__, exclusions=excluded)
        card = score_card(planned.version, standards, report.results, run.finished_at)
        if destination:
            destination(report)
        return Measured(cloud=name, run=run, card=card, exclusions=excluded), report

    if watch is not None:
        measured = watched(once, minutes=watch, as_json=as_json)
    else:
        measured, _ = once()
        _show(measured, as_json=as_json)
    raise typer.Exit(exit_code(measured.verdict, complete=measured.run.complete))


def _show(measured: Measured, *, as_json: bool) -> None:
    if as_json:
        typer.echo(check_views.as_json(measured))
    else:
        check_views.show(measured, terminal())


def _planned(standards: Standards, scope_name: str, version_name: str | None, only: list[str], reach: Reach) -> Plan:
    planned = asked_plan(standards, scope_name, version_name, only, reach)
    if not planned.steps:
        raise UsageError(
            f"None of the chosen testcases of {planned.scope.name} {planned.version.name} can be judged in this way: "
            f"{planned.not_attempted[0].testcase.id} {planned.not_attempted[0].reason}.",
            hint=f"allmende explain {planned.not_attempted[0].testcase.id}",
        )
    return planned


def _destination(
    output: Path | None, form: FormName | None, key: Path | None, as_bytes: Callable[[FormName, Report], bytes]
) -> Callable[[Report], None] | None:
    """Return what writes the report, after everything that can be wrong with it was looked at."""
    if output is None:
        if key or form:
            raise UsageError("A report is signed or given a form, but not written.", hint="Add -o report.json.")
        return None
    if str(output) == "-":
        raise UsageError("A report is written to a file, not to standard output.", hint="Name one, or use --json.")
    if not output.parent.is_dir():
        raise UsageError(f"There is no directory {output.parent}.", hint=f"mkdir -p {output.parent}")
    chosen = form or form_of(output)
    if key:
        signable(chosen)
    private = read_key(key, os.environ) if key else None

    def deliver(report: Report) -> None:
        content = as_bytes(chosen, report)
        write_file(output, content)
        if private:
            write_file(output.with_name(f"{output.name}.sig"), sign.signed(content, private))

    return deliver


def _configure_log(*, verbose: bool) -> None:
    """Send our own bugs to stderr, and with --verbose every request; the SDK never logs a secret in clear."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.CRITICAL)
    logging.getLogger("allmende").setLevel(logging.DEBUG if verbose else logging.ERROR)
    if verbose:
        logging.getLogger("keystoneauth").setLevel(logging.DEBUG)
