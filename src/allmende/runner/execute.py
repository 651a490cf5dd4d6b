"""Running a plan: facts at the same time and each once, within deadlines; every check as soon as its facts are in.

What goes wrong with one fact or one check stays with the testcases that need it and becomes DNF with the reason. Only
when there is no token there is no run. However a run ends, what it created in the cloud is removed before it returns.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from allmende.clouds.openstack import OpenStackCloud
from allmende.collect.collector import collectors
from allmende.collect.means import Means
from allmende.collect.visit import Visit, words_for
from allmende.facts.fact import Fact
from allmende.facts.openstack import Moment
from allmende.outcome import Finding, Unavailable, undetermined
from allmende.runner.plan import Plan, Step
from allmende.runner.resume import in_order
from allmende.runner.run import Awaited, Deadlines, Judgement, Run, Standing

logger = logging.getLogger(__name__)

REPETITIONS_SHOWN = 3


def nobody_is_told(_judgements: Sequence[Judgement]) -> None:
    """Do nothing with judgements that are ready."""


@dataclass(slots=True, kw_only=True)
class _Progress:
    """What is known so far, and who is told of it."""

    plan: Plan
    show: Callable[[Standing], None]
    ready: Callable[[Sequence[Judgement]], None]
    facts: dict[type[Fact], Fact | Unavailable]
    open_steps: list[Step]
    judgements: list[Judgement] = field(default_factory=list)
    says: dict[type[Fact], str] = field(default_factory=dict)
    began: dict[type[Fact], float] = field(default_factory=dict)

    def tell(self) -> None:
        awaited = [
            Awaited(
                name=words_for(fact),
                doing=self.says.get(fact, ""),
                began=self.began[fact],
                usual_seconds=collectors()[fact].manner.usual_seconds,
            )
            for fact in self.began
            if fact not in self.facts
        ]
        settled = tuple(words_for(fact) for fact in self.began if fact in self.facts)
        self.show(Standing(settled=settled, awaited=tuple(awaited)))

    def say(self, fact: type[Fact], words: str) -> None:
        self.says[fact] = words
        self.tell()

    def judge(self, now: datetime, repetitions: Mapping[type[Fact], Sequence[str]]) -> None:
        """Judge every testcase whose facts are in and which was not judged yet."""
        able = [step for step in self.open_steps if step.check.facts <= self.facts.keys()]
        self.open_steps = [step for step in self.open_steps if step not in able]
        judged = [
            Judgement(
                testcase=step.testcase,
                target=step.target,
                finding=_with_repetitions(_finding(step, self.facts), step, repetitions),
                checked_at=now,
            )
            for step in able
        ]
        self.judgements += judged
        if judged:
            self.ready(judged)


async def execute(
    plan: Plan,
    cloud: OpenStackCloud,
    now: Callable[[], datetime],
    progress: Callable[[Standing], None],
    deadlines: Deadlines | None = None,
    *,
    means: Means | None = None,
    ready: Callable[[Sequence[Judgement]], None] = nobody_is_told,
) -> Run:
    """Fetch the facts of a plan and judge its testcases; raise CloudError when not even a token can be had.

    `now` reads the clock, `progress` is told whenever something changes, `ready` of judgements as they are made.
    Without `means` the cloud is only read. When the task is cancelled, the run cleans up and is returned incomplete,
    with what can be judged from the facts that are in.
    """
    limits, given = deadlines or Deadlines(), means or Means()
    started_at = now()
    progress(Standing(settled=(), awaited=(Awaited(name="a token", began=asyncio.get_running_loop().time()),)))
    member = await cloud.member()
    state = _Progress(
        plan=plan, show=progress, ready=ready, facts={Moment: Moment(at=started_at)}, open_steps=list(plan.steps)
    )
    visit = Visit(cloud, started_at, given, tell=state.say, most_seconds=limits.fact_seconds)
    complete = await _gather(state, visit, now, limits)
    return Run(
        plan=plan,
        member=member,
        started_at=started_at,
        finished_at=now(),
        judgements=in_order(plan, state.judgements),
        requests=cloud.requests,
        complete=complete,
        left_behind=tuple(f"{left.lease.kind} {left.lease.name}: {left.why}" for left in given.leftovers),
        facts=state.facts,
    )


async def _gather(state: _Progress, visit: Visit, now: Callable[[], datetime], deadlines: Deadlines) -> bool:
    """Observe and judge everything; return whether nobody interrupted."""
    wanted = sorted(state.plan.facts - {Moment}, key=lambda fact: fact.__name__)
    pending = {visit.observation(fact) for fact in wanted}
    state.began = dict.fromkeys(wanted, asyncio.get_running_loop().time())
    state.tell()
    complete = True
    try:
        async with asyncio.timeout(deadlines.total_seconds):
            while pending:
                _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                _take_in(state, visit, wanted, now())
    except TimeoutError:
        await visit.end()
        _take_in(state, visit, wanted, now())
        late = Unavailable(reason=f"The run was limited to {deadlines.total_seconds:g} s, and this was not in by then.")
        state.facts.update({fact: late for fact in wanted if fact not in state.facts})
        state.judge(now(), visit.repetitions)
    except asyncio.CancelledError:
        complete = False
        if task := asyncio.current_task():
            task.uncancel()
        _tell_of_cleaning(state, wanted)
    finally:
        await visit.end()
    return complete


def _take_in(state: _Progress, visit: Visit, wanted: Sequence[type[Fact]], now: datetime) -> None:
    for fact in wanted:
        task = visit.observation(fact)
        if task.done() and not task.cancelled() and fact not in state.facts:
            state.facts[fact] = _observed(fact, task)
    state.judge(now, visit.repetitions)
    state.tell()


def _observed(fact: type[Fact], task: "asyncio.Task[Fact | Unavailable]") -> Fact | Unavailable:
    error = task.exception()
    if error:
        logger.error("The collector of %s failed; this is a bug in Allmende.", words_for(fact), exc_info=error)
        return Unavailable(reason=f"Its collector failed ({type(error).__name__}); this is a bug in Allmende.")
    return task.result()


def _tell_of_cleaning(state: _Progress, wanted: Sequence[type[Fact]]) -> None:
    for fact in wanted:
        if fact not in state.facts and collectors()[fact].manner.creates:
            state.says[fact] = "removing what was created"
    state.tell()


def _finding(step: Step, facts: Mapping[type[Fact], Fact | Unavailable]) -> Finding:
    for fact in sorted(step.check.required_facts, key=lambda fact: fact.__name__):
        value = facts[fact]
        if isinstance(value, Unavailable):
            trace = f" [{value.request_id}]" if value.request_id and value.request_id not in value.reason else ""
            return undetermined(f"The {words_for(fact)} could not be observed: {value.reason}{trace}")
    try:
        return step.check.judge({fact: facts[fact] for fact in step.check.facts})
    except Exception as error:
        logger.exception("The check of %s failed; this is a bug in Allmende.", step.testcase.id)
        return undetermined(f"The check itself failed ({type(error).__name__}); this is a bug in Allmende.")


def _with_repetitions(finding: Finding, step: Step, repetitions: Mapping[type[Fact], Sequence[str]]) -> Finding:
    """Say in the finding which requests had to be sent again before there was an answer."""
    seen = [words for fact in step.check.facts for words in repetitions.get(fact, ())]
    if not seen:
        return finding
    notes = [f"A request had to be sent again: {words}" for words in seen[:REPETITIONS_SHOWN]]
    if len(seen) > REPETITIONS_SHOWN:
        notes.append(f"{len(seen) - REPETITIONS_SHOWN} more requests had to be sent again.")
    return replace(finding, notes=(*finding.notes, *notes))
