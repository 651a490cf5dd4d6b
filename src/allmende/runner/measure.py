"""A whole run over a cloud: what earlier runs left is removed, a journal is kept, and results survive interruptions.

What is measured is the plan's business, how facts are gathered and judged `execute`'s.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from allmende import __version__
from allmende.clouds import clean
from allmende.clouds.journal import Journal
from allmende.clouds.lease import Leases, tagged
from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.collector import collectors
from allmende.collect.means import Account, Means
from allmende.collect.tempest import TempestWish
from allmende.errors import StoreError, UsageError
from allmende.facts.domain_manager import DomainManager
from allmende.facts.tempest import TempestRun
from allmende.report.document import Report
from allmende.runner import resume
from allmende.runner.execute import execute
from allmende.runner.other_accounts import other_accounts
from allmende.runner.plan import Plan
from allmende.runner.record import recorded
from allmende.runner.run import Deadlines, Judgement, Run, Standing

TIDYING_SECONDS = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a run is given: an identifier, the clock, where journals and partial reports lie, whom to tell what.

    `cache` is where programs are installed into and `state` where their results are kept, `manager` the door of a
    domain manager and `other_accounts` those for the tests of Tempest, where they are named. `show` is told how far it
    is, `say` gets sentences for the person who waits. With `resume` the results of the last interrupted run over the
    same version are taken over.
    """

    identifier: UUID
    now: Callable[[], datetime]
    journals: Path
    partial_reports: Path
    show: Callable[[Standing], None]
    say: Callable[[str], None]
    deadlines: Deadlines
    resume: bool = False
    cache: Path | None = None
    state: Path | None = None
    manager: OpenStackCloud | None = None
    other_accounts: tuple[OpenStackCloud, ...] = ()

    @property
    def tag(self) -> str:
        """What the names of everything hold that this run creates."""
        return self.identifier.hex[-12:]


async def measure(plan: Plan, cloud: OpenStackCloud, conditions: Conditions) -> Run:
    """Return what was found; incomplete when the task was cancelled.

    Raises CloudError when there is no token, UsageError when there is nothing to resume, StoreError when the journal
    cannot be kept.
    """
    place = await clean.place_of(cloud)
    file = resume.partial_file(conditions.partial_reports, place, plan)
    known, rest = _known(plan, file, conditions)
    so_far, keeping = list(known), _Keeping(file, conditions.say)
    began = conditions.now()
    member = await cloud.member()

    def ready(judgements: Sequence[Judgement]) -> None:
        so_far.extend(judgements)
        run = Run(
            plan=plan,
            member=member,
            started_at=began,
            finished_at=conditions.now(),
            judgements=resume.in_order(plan, so_far),
            requests=cloud.requests,
            complete=False,
        )
        name = cloud.name
        keeping(recorded(run, subject=name, identifier=conditions.identifier, version=__version__))

    async with _means(rest, cloud, conditions) as means:
        run = await execute(
            rest, cloud, conditions.now, conditions.show, conditions.deadlines, means=means, ready=ready
        )
    if run.complete:
        keeping.end()
    return replace(run, plan=plan, judgements=resume.in_order(plan, [*known, *run.judgements]))


@asynccontextmanager
async def _means(plan: Plan, cloud: OpenStackCloud, conditions: Conditions) -> AsyncIterator[Means]:
    """Yield what the run may use; each account has a journal of its own within the block."""
    others = conditions.other_accounts if TempestRun in plan.facts else ()
    journal = await _journal(plan, cloud, conditions)
    try:
        async with (
            _manager(plan, conditions) as manager,
            other_accounts(cloud, others, conditions.journals, conditions.tag, conditions.now) as accounts,
        ):
            yield Means(
                leases=Leases(cloud, journal, conditions.now) if journal else None,
                cache=conditions.cache,
                state=conditions.state,
                manager=manager,
                others=accounts,
                wishes=(_tempest(conditions),),
            )
    finally:
        if journal:
            journal.close()


def _tempest(conditions: Conditions) -> TempestWish:
    """Let Tempest end before the run does, so that what it reported until then is judged."""
    limit = conditions.deadlines.total_seconds
    seconds = min(TempestWish().seconds, max(limit - TIDYING_SECONDS, limit / 2))
    return TempestWish(resume=conditions.resume, seconds=seconds)


def _known(plan: Plan, file: Path, conditions: Conditions) -> tuple[tuple[Judgement, ...], Plan]:
    if not conditions.resume:
        return (), plan
    try:
        report = resume.kept(file, conditions.now())
    except UsageError:
        if not any(step.testcase.heavy for step in plan.steps):
            raise
        return (), plan  # heavy facts keep results of their own, also of a run that came to its end without a verdict
    known, rest = resume.known_and_open(plan, report)
    conditions.say(f"{len(known)} results of the interrupted run are taken over, {len(rest.steps)} are still to come.")
    return known, rest


async def _journal(plan: Plan, cloud: OpenStackCloud, conditions: Conditions) -> Journal | None:
    """Remove what dead runs left, and begin the journal of this one; None where it creates nothing."""
    known = collectors()
    if not plan.may_create or not any(known[fact].manner.creates for fact in plan.facts & known.keys()):
        return None
    await _clean(cloud, conditions)
    project = (await cloud.member()).project
    conditions.say(
        f"Works in the project «{project}», and removes again what it creates: {tagged(conditions.tag, '*')}"
    )
    return Journal.begun(conditions.journals, conditions.tag, await clean.place_of(cloud))


@asynccontextmanager
async def _manager(plan: Plan, conditions: Conditions) -> AsyncIterator[Account | None]:
    """Yield the account of the domain manager, with a journal of its own: another account cannot clean up after it."""
    cloud = conditions.manager
    if cloud is None or DomainManager not in plan.facts:
        yield None
        return
    await _clean(cloud, conditions)
    place = await clean.place_of(cloud)
    conditions.say(f"Works as the domain manager «{(await cloud.member()).user}», likewise.")
    journal = Journal.begun(conditions.journals, conditions.tag, place, part="manager")
    try:
        yield Account(cloud=cloud, leases=Leases(cloud, journal, conditions.now))
    finally:
        journal.close()


async def _clean(cloud: OpenStackCloud, conditions: Conditions) -> None:
    for cleaned in await clean.clean(cloud, conditions.journals, conditions.now):
        conditions.say(f"{len(cleaned.removed)} things were removed that the run {cleaned.run} left.")


class _Keeping:
    """Keeps the partial report; where that is impossible it says so once: the run is worth more than resuming it."""

    def __init__(self, file: Path, say: Callable[[str], None]) -> None:
        self._file = file
        self._say = say
        self._is_possible = True

    def __call__(self, report: Report) -> None:
        if not self._is_possible:
            return
        try:
            resume.keep(self._file, report)
        except StoreError as error:
            self._is_possible = False
            self._say(f"--resume would not know this run. {error}")

    def end(self) -> None:
        """Forget the partial report: there is nothing to resume."""
        if self._is_possible:
            self._file.unlink(missing_ok=True)
