"""The sequence of a repair: look as the member, plan, change as the operator, look again as the member."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from allmende.cli.clock import utc_now
from allmende.cli.signals import ended_by_signals
from allmende.cli.steps import Steps
from allmende.errors import CloudError, UsageError
from allmende.outcome import Outcome
from allmende.repair.model import Deed, Failing, Fate, Wishes
from allmende.repair.model import Plan as Repairs
from allmende.repair.rules.plan import plan
from allmende.repair.rules.wishes import refuse_unknown_names
from allmende.runner.plan import Plan
from allmende.runner.run import Run

if TYPE_CHECKING:
    from allmende.clouds.openstack import OpenStackCloud

_SYMBOLS = {Fate.DONE: "changed", Fate.SKIPPED: "skipped", Fate.FAILED: "failed", Fate.NOT_REACHED: "not reached"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The names of the member's and the operator's entries, and the file of the operator's, if it is another."""

    member: str | None
    operator: str | None
    operator_file: Path | None

    def __post_init__(self) -> None:
        if self.operator_file and not self.operator:
            raise UsageError("--cloud-admin-file names a file, but no entry of it.", hint="Add --cloud-admin NAME.")
        if self.operator_file and not self.operator_file.is_file():
            raise UsageError(f"There is no file {self.operator_file}.", hint="Name the operator's clouds.yaml.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A repair as far as it has come: what failed, what is planned, what was done, what the second look found.

    `trouble` says why there was no second look, although nobody interrupted.
    """

    cloud: str
    before: Run
    plan: Repairs
    deeds: tuple[Deed, ...] = ()
    after: Run | None = None
    trouble: str = ""

    @property
    def complete(self) -> bool:
        """Whether nobody interrupted."""
        reached = all(deed.fate is not Fate.NOT_REACHED for deed in self.deeds)
        return self.before.complete and reached and (self.after is None or self.after.complete)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The newest outcome of every chosen testcase; MISS for one that was chosen and not looked at."""
        found = {entry.testcase.id: Outcome.MISS for entry in self.before.plan.not_attempted}
        for run in (self.before, self.after):
            found |= outcomes(run) if run else {}
        return found


def outcomes(run: Run) -> dict[str, Outcome]:
    """Return what a run found, by testcase."""
    return {judgement.testcase.id: judgement.finding.outcome for judgement in run.judgements}


async def look(credentials: Credentials, chosen: Plan, wishes: Wishes, steps: Steps) -> Repair:
    """Judge the chosen testcases as the member and plan what lets the failing ones pass. Nothing is changed."""
    async with _doors(credentials) as (member, operator):
        if operator is not None:
            from allmende.repair.run import refuse_another_cloud

            with steps.step(f"compare `{member.name}` and `{operator.name}`"):
                await refuse_another_cloud(member, operator)
        with steps.step(f"look at {len(chosen.steps)} testcases as `{member.name}`"):
            run = await _run(chosen, member)
        refuse_unknown_names(wishes, run.facts)
        return Repair(cloud=member.name, before=run, plan=plan(run.facts, _failing(run), wishes))


async def change(credentials: Credentials, repair: Repair, steps: Steps) -> Repair:
    """Make the planned changes as the operator, then judge exactly the testcases that failed again as the member."""
    from allmende.repair.run import carry_out

    async with _doors(credentials) as (member, operator):
        if operator is None:
            raise UsageError("Changes need the operator's credential.", hint="Add --cloud-admin NAME.")
        with ended_by_signals():
            deeds = await carry_out(repair.plan.changes, operator, _telling(steps))
        repair = replace(repair, deeds=deeds)
        if not repair.complete:
            return repair
        failed = {one.id for one in _failing(repair.before)}
        again = tuple(step for step in repair.before.plan.steps if step.testcase.id in failed)
        with steps.step(f"look at {len(again)} testcases again as `{member.name}`"):
            try:
                return replace(repair, after=await _run(replace(repair.before.plan, steps=again), member))
            except CloudError as error:
                return replace(repair, trouble=f"{error} {error.hint}".strip())


@asynccontextmanager
async def _doors(credentials: Credentials) -> "AsyncIterator[tuple[OpenStackCloud, OpenStackCloud | None]]":
    from allmende.clouds.openstack import open_cloud  # the SDK takes a second to import: only after words are checked

    async with await open_cloud(credentials.member, environ=os.environ) as member:
        if credentials.operator is None:
            yield member, None
            return
        files = [credentials.operator_file] if credentials.operator_file else None
        async with await open_cloud(credentials.operator, environ=os.environ, config_files=files) as operator:
            yield member, operator


async def _run(chosen: Plan, member: "OpenStackCloud") -> Run:
    from allmende.runner.execute import execute

    return await execute(chosen, member, utc_now, lambda _standing: None)


def _failing(run: Run) -> tuple[Failing, ...]:
    checks = {step.testcase.id: step.check for step in run.plan.steps}
    return tuple(
        Failing(check=checks[judgement.testcase.id], finding=judgement.finding)
        for judgement in run.judgements
        if judgement.finding.outcome is Outcome.FAIL
    )


def _telling(steps: Steps) -> Callable[[Deed], None]:
    def tell(deed: Deed) -> None:
        thing = deed.change.thing
        steps(f"{_SYMBOLS[deed.fate]}: {thing.kind} {thing.name}", done=True)

    return tell
