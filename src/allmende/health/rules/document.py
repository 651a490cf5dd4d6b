"""An iteration as a document that is sent from a monitor to the server, and what such a document may say."""

from datetime import datetime, timedelta
from math import isfinite

from pydantic import TypeAdapter, ValidationError

from allmende.errors import UsageError
from allmende.health.model.samples import Iteration

MOST_BYTES = 4 * 1024 * 1024
MOST_SAMPLES = 5000
OLDEST = timedelta(days=14)
"""What began earlier is not taken: single samples of then are not kept any more."""
CLOCK_SKEW = timedelta(minutes=5)

_MOST_NAME, _MOST_SAID = 200, 2000
_LONGEST_S = 86400.0
_ITERATION = TypeAdapter(Iteration)


def written(iteration: Iteration) -> bytes:
    """Return the document of an iteration."""
    return _ITERATION.dump_json(iteration)


def read(content: bytes, now: datetime) -> Iteration:
    """Return the iteration of a document; UsageError for what is none, or says what cannot be."""
    try:
        iteration = _ITERATION.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _refused(f"{place}: {first['msg']}" if place else str(first["msg"])) from error
    why = _contradiction(iteration, now)
    if why:
        raise _refused(why)
    return iteration


def _refused(why: str) -> UsageError:
    return UsageError(f"This is no iteration of a monitor: {why}.", hint="Send what «allmende monitor» measured.")


def _contradiction(iteration: Iteration, now: datetime) -> str:
    names = [iteration.cloud, iteration.region, iteration.vantage, iteration.scenario]
    said = [*iteration.left]
    for sample in iteration.samples:
        names += [sample.service, sample.what, sample.step, sample.request_id]
        said.append(sample.said)
    lengths = [iteration.seconds, iteration.overhead, iteration.lag, *(each.seconds for each in iteration.samples)]
    moments = [iteration.began_at, *(each.at for each in iteration.samples)]
    if len(iteration.samples) > MOST_SAMPLES:
        return f"it has more than {MOST_SAMPLES} samples"
    if not all((iteration.cloud, iteration.vantage, iteration.scenario)):
        return "cloud, vantage point and scenario have to be named"
    if any(len(name) > _MOST_NAME for name in names) or any(len(text) > _MOST_SAID for text in said):
        return f"a name is longer than {_MOST_NAME}, or a text than {_MOST_SAID} characters"
    if any("\0" in text for text in (*names, *said)):
        return "a text has a NUL character"
    if not all(isfinite(each) and 0 <= each <= _LONGEST_S for each in lengths):
        return "something took less than nothing, or more than a day"
    if any(moment.tzinfo is None for moment in moments):
        return "a moment has no time zone"
    if not all(now - OLDEST <= moment <= now + CLOCK_SKEW for moment in moments):
        return "it is older than 14 days, or from the future"
    return ""
