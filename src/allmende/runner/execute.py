"""Running a plan: facts concurrently and each once, within deadlines; then every check on them.

What goes wrong with one fact or one check stays with the testcases that need it and becomes DNF with the reason. Only
when there is no token there is no run.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.openstack import observe
from allmende.facts.openstack import Moment
from allmende.outcome import Finding, Unavailable, undetermined
from allmende.runner.plan import Plan, Step
from allmende.runner.run import Deadlines, Judgement, Run, Standing

logger = logging.getLogger(__name__)


async def execute(
    plan: Plan,
    cloud: OpenStackCloud,
    now: Callable[[], datetime],
    progress: Callable[[Standing], None],
    deadlines: Deadlines | None = None,
) -> Run:
    """Fetch the facts of a plan and judge its testcases; raise CloudError when not even a token can be had.

    `now` reads the clock, `progress` is told whenever a fact is in. When the task is cancelled, the run ends at once
    and is returned incomplete, with what can be judged from the facts that are in.
    """
    started_at = now()
    progress(Standing(settled=(), awaited=("a token",)))
    member = await cloud.member()
    facts, complete = await _gather(plan, cloud, started_at, progress, deadlines or Deadlines())
    facts[Moment] = Moment(at=started_at)
    ready = [step for step in plan.steps if step.check.facts <= facts.keys()]
    return Run(
        plan=plan,
        member=member,
        started_at=started_at,
        finished_at=now(),
        judgements=tuple(_judgement(step, facts) for step in ready),
        requests=cloud.requests,
        complete=complete,
    )


async def _gather(
    plan: Plan, cloud: OpenStackCloud, at: datetime, progress: Callable[[Standing], None], deadlines: Deadlines
) -> tuple[dict[type, object], bool]:
    """Return the facts by type, and whether nobody interrupted."""
    wanted = sorted(plan.facts - {Moment}, key=lambda fact: fact.__name__)
    facts: dict[type, object] = {}
    pending = {asyncio.create_task(_in_time(fact, cloud, at, deadlines.fact_seconds)) for fact in wanted}
    complete = True
    _tell(progress, wanted, facts)
    try:
        async with asyncio.timeout(deadlines.total_seconds):
            while pending:
                settled, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                facts.update(task.result() for task in settled)
                _tell(progress, wanted, facts)
    except TimeoutError:
        late = Unavailable(reason=f"The run was limited to {deadlines.total_seconds:g} s, and this was not in by then.")
        facts.update({fact: late for fact in wanted if fact not in facts})
    except asyncio.CancelledError:
        complete = False
        if task := asyncio.current_task():
            task.uncancel()
    finally:
        for late_task in pending:
            late_task.cancel()
    return facts, complete


async def _in_time(fact: type, cloud: OpenStackCloud, at: datetime, seconds: float) -> tuple[type, object]:
    try:
        async with asyncio.timeout(seconds):
            return fact, await observe(fact, cloud, at)
    except TimeoutError:
        return fact, Unavailable(reason=f"The cloud did not give its {_words(fact)} within {seconds:g} s.")


def _tell(progress: Callable[[Standing], None], wanted: list[type], facts: Mapping[type, object]) -> None:
    settled = tuple(_words(fact) for fact in wanted if fact in facts)
    progress(Standing(settled=settled, awaited=tuple(_words(fact) for fact in wanted if fact not in facts)))


def _words(fact: type) -> str:
    """Return the name of a fact in words: `VolumeTypes` are «volume types»."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", fact.__name__).split()
    return " ".join(word if word.isupper() else word.lower() for word in words)


def _judgement(step: Step, facts: Mapping[type, object]) -> Judgement:
    return Judgement(testcase=step.testcase, target=step.target, finding=_finding(step, facts))


def _finding(step: Step, facts: Mapping[type, object]) -> Finding:
    needed = {fact: facts[fact] for fact in step.check.facts}
    for fact in sorted(needed, key=lambda fact: fact.__name__):
        value = needed[fact]
        if isinstance(value, Unavailable):
            trace = f" [{value.request_id}]" if value.request_id and value.request_id not in value.reason else ""
            return undetermined(f"The {_words(fact)} could not be observed: {value.reason}{trace}")
    try:
        return step.check.judge(needed)
    except Exception as error:
        logger.exception("The check of %s failed; this is a bug in Allmende.", step.testcase.id)
        return undetermined(f"The check itself failed ({type(error).__name__}); this is a bug in Allmende.")
