"""The file of exclusions that people name on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from allmende.cli.clock import utc_now
from allmende.errors import SettingsError
from allmende.runner.plan import Plan
from allmende.standards.exclusions import Exclusion, exclusions
from allmende.standards.model import Standards

ExclusionsFile = Annotated[
    Path | None,
    typer.Option("--exclusions", metavar="FILE", help="Testcases known to fail: why, whose, until when. Never a pass."),
]


def planned_exclusions(file: Path | None, standards: Standards, plan: Plan) -> tuple[Exclusion, ...]:
    """Return the exclusions of a file that concern the testcases of a plan, in the order of the file, if any.

    SettingsError when the file cannot be read or declares what cannot be excluded.
    """
    if file is None:
        return ()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"The exclusions in {file} cannot be read: {error.strerror}.", hint="Check the path and who may read it."
        ) from error
    declared = exclusions(content, str(file), standards, utc_now().date())
    chosen = {step.testcase.id for step in plan.steps} | {entry.testcase.id for entry in plan.not_attempted}
    return tuple(exclusion for testcase, exclusion in declared.items() if testcase in chosen)
