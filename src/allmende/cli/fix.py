"""`allmende fix`: from the failing testcases of a cloud to exact changes, and with `--apply` to a re-test that passes.

What to change is decided in `repair`, the sequence is `cli.repairing`, how it looks `cli.fix_views`. Exit codes: 0
everything chosen passes, 1 something still fails, 3 inconclusive, 130 interrupted (with the account of what was done).
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from allmende.cli import fix_views, repairing
from allmende.cli.exits import exit_code
from allmende.cli.options import AsJson
from allmende.cli.planning import asked_plan
from allmende.cli.repairing import Credentials
from allmende.cli.signals import interruptible
from allmende.cli.steps import shown_steps
from allmende.cli.terminal import terminal
from allmende.errors import UsageError
from allmende.outcome import Outcome
from allmende.repair.model import Wishes
from allmende.repair.rules.flavors import DISK_TYPES
from allmende.repair.rules.wishes import claim, property_wish
from allmende.runner.plan import Plan, Reach
from allmende.standards.load import load_standards
from allmende.standards.model import Standards, Target
from allmende.standards.verdict import verdict

EXAMPLES = """Examples:

\b
  allmende fix mycloud                     what would be changed
  allmende fix mycloud --cloud-admin mycloud-admin --apply
  allmende fix mycloud --only 'scs-0103-*' --json | jq .plan.changes
  allmende fix mycloud --set 'Debian 12:min_ram=512' --set '*:hotfix_hours=0'
  allmende fix mycloud --only scs-0114-encrypted-type --claim LUKS:encrypted

Nothing is changed without --apply, and nothing that somebody set is changed
or removed without --overwrite. Flavors, images and what users own are never
deleted.
"""

Words = list[str] | None

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def fix(
    cloud: Annotated[str | None, typer.Argument(metavar="CLOUD", help="A member's entry in clouds.yaml.")] = None,
    *,
    cloud_admin: Annotated[
        str | None, typer.Option(metavar="NAME", help="The operator's entry in clouds.yaml.")
    ] = None,
    cloud_admin_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The clouds.yaml that NAME stands in, if it is another.")
    ] = None,
    scope: Annotated[str, typer.Option(help="Id, UUID or layer of the scope.")] = "iaas",
    version: Annotated[
        str | None, typer.Option(help="Version of the scope; the newest effective one if not given.")
    ] = None,
    only: Annotated[Words, typer.Option(metavar="PATTERN", help="Only testcases that match, as in scs-0103-*.")] = None,
    include_recommended: Annotated[
        bool, typer.Option("--include-recommended", help="Also what is only recommended.")
    ] = False,
    properties: Annotated[
        Words, typer.Option("--set", metavar="IMAGE:KEY=VALUE", help="A property of an image that only you know.")
    ] = None,
    claims: Annotated[
        Words, typer.Option("--claim", metavar="TYPE:ASPECT", help="Volumes of TYPE are encrypted or replicated.")
    ] = None,
    disk_type: Annotated[
        str | None, typer.Option(metavar="WORD", help=f"What root disks are made of: {', '.join(DISK_TYPES)}.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also change and remove what somebody set.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Make the changes, then test again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Plan what lets failing testcases pass, and with --apply do it."""
    if apply and not cloud_admin:
        raise UsageError("Changes need the operator's credential.", hint="Add --cloud-admin NAME.")
    if apply and as_json and not yes:
        raise UsageError("With --json nobody is asked before changes are made.", hint="Add --yes.")
    credentials = Credentials(member=cloud, operator=cloud_admin, operator_file=cloud_admin_file)
    standards = load_standards()
    planned = asked_plan(standards, scope, version, only or [], Reach(active=False))
    chosen = _chosen(planned, only or [], recommended=include_recommended)
    wishes = _wishes(standards, properties or [], claims or [], disk_type, overwrite=overwrite)
    with shown_steps() as steps:
        repair = interruptible(repairing.look(credentials, chosen, wishes, steps))
    if not as_json:
        fix_views.show_plan(repair, terminal(), applied=apply)
    if apply and repair.before.complete and repair.plan.changes:
        if not yes:
            typer.confirm(f"Make {fix_views.counted(repair)} in {repair.cloud}?", abort=True, err=True)
        with shown_steps() as steps:
            repair = interruptible(repairing.change(credentials, repair, steps))
        if not as_json:
            fix_views.show_account(repair, terminal())
    if as_json:
        typer.echo(fix_views.as_json(repair))
    outcome = Outcome.DNF if repair.trouble else verdict(repair.outcomes.values())
    raise typer.Exit(exit_code(outcome, complete=repair.complete))


def _chosen(planned: Plan, only: list[str], *, recommended: bool) -> Plan:
    """Leave out, unless it is named in full, what is not asked for or needs resources."""
    wanted = {Target.MAIN, Target.RECOMMENDED} if recommended else {Target.MAIN}
    steps = tuple(step for step in planned.steps if step.target in wanted or step.testcase.id in only)
    named = tuple(entry for entry in planned.not_attempted if entry.testcase.id in only)
    if not steps and not named:
        raise UsageError(
            "None of these testcases can be judged here and is mandatory.",
            hint="Recommended ones are chosen by --include-recommended, or named in full: allmende standards show iaas",
        )
    return replace(planned, steps=steps, not_attempted=named)


def _wishes(
    standards: Standards, properties: list[str], claims: list[str], disk_type: str | None, *, overwrite: bool
) -> Wishes:
    if disk_type is not None and disk_type not in DISK_TYPES:
        raise UsageError(f"`{disk_type}` is no type of a disk.", hint=f"--disk-type {'|'.join(DISK_TYPES)}")
    return Wishes(
        overwrite=overwrite,
        properties=tuple(property_wish(text, standards) for text in properties),
        claims=tuple(claim(text) for text in claims),
        disk_type=disk_type,
    )
