"""Who sends a request: an account's name and token, by HTTP basic authentication."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from allmende.registry.model import Account, Reason, Refusal, TokenScope
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import authenticate

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]


def account_of(
    registry: Registry, credentials: HTTPBasicCredentials | None, scope: TokenScope, now: datetime
) -> Account | Refusal:
    """Return the account whose name and token these are, if the token may be used for this; else why not."""
    if credentials is None:
        return Refusal(
            reason=Reason.NOT_AUTHENTICATED,
            detail="The account's name or token is missing or wrong.",
            hint="Send the account's name and token by HTTP basic authentication.",
        )
    return authenticate(registry.database, registry.tokens, (credentials.username, credentials.password), scope, now)
