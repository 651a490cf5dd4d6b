"""Who sends a request: an account's name and token, by HTTP basic authentication."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from allmende.registry.model import Account, Reason, Refusal
from allmende.registry.run.accept import authenticate
from allmende.registry.run.registry import Registry

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]


def account_of(registry: Registry, credentials: HTTPBasicCredentials | None) -> Account | Refusal:
    """Return the account whose name and token these are, or that they are nobody's."""
    if credentials is not None:
        account = authenticate(registry, credentials.username, credentials.password)
        if account is not None:
            return account
    return Refusal(
        reason=Reason.NOT_AUTHENTICATED,
        detail="The account's name or token is missing or wrong."
        if credentials is None
        else "No such account or token.",
        hint="Send the account's name and token by HTTP basic authentication.",
    )
