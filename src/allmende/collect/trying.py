"""Trying something that a cloud may refuse: success and refusal are answers, a service that fails gives none."""

from collections.abc import Awaitable

from allmende.errors import CloudAuthError, CloudNotFoundError, CloudRefusedError
from allmende.facts.trials import Trial

REFUSALS = (CloudAuthError, CloudNotFoundError, CloudRefusedError)


async def tried(what: str, work: Awaitable[object]) -> Trial:
    """Return what became of `work`; CloudError where the service failed or did not answer."""
    try:
        await work
    except REFUSALS as error:
        return Trial(what=what, succeeded=False, answer=words(error), status=error.status)
    return Trial(what=what, succeeded=True, answer="done")


def words(error: Exception) -> str:
    """Return the status and the cloud's own words, without what we asked."""
    return str(error).partition(" answered ")[2] or str(error)
