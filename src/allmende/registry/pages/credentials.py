"""Who asks for a page that is not for everybody."""

from datetime import datetime

from fastapi.security import HTTPBasic
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from allmende.registry.model.accounts import Account, TokenScope
from allmende.registry.model.refusals import Refusal
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import authenticate

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Allmende registry", charset="UTF-8"'}


async def account_of(registry: Registry, request: Request, now: datetime) -> Account:
    """Return the account that the request proves; HTTPException with the challenge when it proves none."""
    given = await HTTPBasic(auto_error=False)(request)
    if given is None:
        raise HTTPException(401, "The account's name or token is missing or wrong.", CHALLENGE)
    found = await run_in_threadpool(
        authenticate, registry.database, registry.tokens, (given.username, given.password), TokenScope.READ, now
    )
    if isinstance(found, Refusal):
        raise HTTPException(401, found.detail, CHALLENGE)
    return found
