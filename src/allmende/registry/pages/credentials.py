"""Who asks for a page that is not for everybody."""

from fastapi.security import HTTPBasic
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from allmende.registry.model import Account
from allmende.registry.run.accept import authenticate
from allmende.registry.run.registry import Registry

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Allmende registry", charset="UTF-8"'}


async def account_of(registry: Registry, request: Request) -> Account:
    """Return the account that the request proves; HTTPException with the challenge when it proves none."""
    credentials = await HTTPBasic(auto_error=False)(request)
    if credentials is not None:
        account = await run_in_threadpool(authenticate, registry, credentials.username, credentials.password)
        if account is not None:
            return account
    raise HTTPException(401, "The account's name or token is missing or wrong.", CHALLENGE)
