"""Decide when an alarm begins, is said to go on, and ends: told is the first error, few reminders, and the end."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from allmende.health.model.alarm import Alarm, Cause, Mute, Sighting, Trouble, Word
from allmende.health.model.samples import FAULTS, Ending, Iteration, State

GOOD_IN_A_ROW = 2
"""How often each source has to see that all is well before an alarm ends."""
REMINDERS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""How long after the last word an alarm is said to go on; the last of them again and again."""

_MOST_SAMPLES = 5


def seen_by(iteration: Iteration, state: State) -> Iterator[tuple[Cause, Sighting | None]]:
    """Yield what an iteration says of each cause that it could see: what is wrong, or that nothing is.

    A blind monitor says nothing of the cloud.
    """
    source = f"{iteration.scenario} from {iteration.vantage}"

    def of(trouble: Trouble, what: str) -> Cause:
        return Cause(cloud=iteration.cloud, trouble=trouble, what=what)

    yield of(Trouble.SILENT, ""), None
    blind = of(Trouble.BLIND, iteration.vantage)
    if state is State.BLIND:
        unseen = [step for step in iteration.steps if step.ending is Ending.BLIND]
        said = unseen[0].said if unseen else f"It was {iteration.lag:.1f} s late at its own work."
        yield blind, Sighting(at=iteration.began_at, source=source, said=said, samples=tuple(unseen[:_MOST_SAMPLES]))
        return
    yield blind, None
    for service in dict.fromkeys(step.service for step in iteration.steps):
        steps = [step for step in iteration.steps if step.service == service]
        faults = [step for step in steps if step.ending in FAULTS]
        cause = of(Trouble.FAILS, service)
        if faults:
            said = f"{faults[0].what}: {faults[0].said or faults[0].ending}"
            yield (
                cause,
                Sighting(at=iteration.began_at, source=source, said=said, samples=tuple(faults[:_MOST_SAMPLES])),
            )
        elif any(step.ending is Ending.OK for step in steps):
            yield cause, None


def begun(id_: UUID, cause: Cause, sighting: Sighting) -> Alarm:
    """Return the alarm that begins with a sighting; nobody was told of it yet."""
    return Alarm(id=id_, cause=cause, began_at=sighting.at, newest=sighting, sources={sighting.source: 0})


def went_on(alarm: Alarm, sighting: Sighting) -> Alarm:
    """Return the alarm after it was seen again."""
    newest = sighting if sighting.at >= alarm.newest.at else alarm.newest
    return replace(alarm, newest=newest, times=alarm.times + 1, sources={**alarm.sources, sighting.source: 0})


def saw_nothing_wrong(alarm: Alarm, source: str, at: datetime) -> Alarm:
    """Return the alarm after a source saw that all is well: ended, once all that blamed it did so twice in a row."""
    if source not in alarm.sources or at <= alarm.newest.at:
        return alarm
    sources = {**alarm.sources, source: alarm.sources[source] + 1}
    blaming = {each: good for each, good in sources.items() if good < GOOD_IN_A_ROW}
    return replace(alarm, sources=blaming, ended_at=None if blaming else at)


def word_for(alarm: Alarm, now: datetime, mutes: Iterable[Mute]) -> Word | None:
    """Return what has to be told of an alarm now; None when nothing has to.

    It goes on only while a source sees it. Of one that began and ended while it was muted nobody is told; one that
    outlasts the mute begins then. That it ends is told to everybody who knows that it began.
    """
    if alarm.ended_at is not None:
        return Word.ENDS if alarm.told_at is not None else None
    is_wrong_now = any(not good for good in alarm.sources.values())
    if not is_wrong_now or any(is_muted(alarm.cause, mute, now) for mute in mutes):
        return None
    if alarm.told_at is None:
        return Word.BEGINS
    pause = REMINDERS[min(alarm.reminders, len(REMINDERS) - 1)]
    return Word.GOES_ON if now - alarm.told_at >= pause else None


def told(alarm: Alarm, word: Word, now: datetime) -> Alarm:
    """Return the alarm after somebody was told."""
    return replace(alarm, told_at=now, reminders=alarm.reminders + (word is Word.GOES_ON))


def is_muted(cause: Cause, mute: Mute, now: datetime) -> bool:
    """Tell whether nobody is told of this cause now."""
    return mute.cloud == cause.cloud and mute.service in ("", cause.what) and mute.since <= now < mute.until


def sentence(alarm: Alarm, word: Word) -> str:
    """Return what is told, in a sentence."""
    cause = alarm.cause
    about = {
        Trouble.FAILS: f"{cause.cloud}: {cause.what} fails",
        Trouble.BLIND: f"The monitor at {cause.what} cannot see {cause.cloud}",
        Trouble.SILENT: f"Nothing was measured of {cause.cloud}",
        Trouble.BUDGET: f"{cause.cloud}: {cause.what} fails too often for its objective",
    }[cause.trouble]
    since = f"{alarm.began_at:%Y-%m-%d %H:%M} UTC"
    if word is Word.ENDS:
        return f"Over: {about}. It began at {since} and was seen {alarm.times} times"
    if word is Word.GOES_ON:
        return f"Still: {about}, since {since}, seen {alarm.times} times. Last: {alarm.newest.said}"
    return f"{about}. {alarm.newest.said}"


def evidence(alarm: Alarm) -> tuple[str, ...]:
    """Return what was seen last, a line for each sample, with its request id."""
    return tuple(
        f"{sample.at:%Y-%m-%d %H:%M:%S} UTC, {alarm.newest.source}: {sample.what}: {sample.ending}"
        f"{f' (HTTP {sample.status})' if sample.status else ''} after {sample.seconds:.1f} s"
        f"{f', request {sample.request_id}' if sample.request_id else ''}{f': {sample.said}' if sample.said else ''}"
        for sample in alarm.newest.samples
    )
