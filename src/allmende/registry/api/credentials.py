"""Who a request comes from, by name and token, and what is answered when that is not known or not enough."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi.security import HTTPBasicCredentials

from allmende.registry.model.accounts import Account, TokenScope
from allmende.registry.model.refusals import Reason, Refusal
from allmende.registry.run.registry import Registry
from allmende.registry.run.tokens import authenticate

UNAUTHENTICATED: Mapping[int | str, dict[str, Any]] = {
    401: {"description": "Not authenticated", "content": {"application/problem+json": {}}},
    403: {"description": "Not for this account", "content": {"application/problem+json": {}}},
}


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


def not_yours(account: Account, subject: str) -> Refusal:
    """Return that the account has no right to what only those who report for the subject may see."""
    return Refusal(
        reason=Reason.FOREIGN_SUBJECT,
        detail=f"The account {account.name} does not report for the subject {subject}.",
        hint="Results are public on the subject's page; the reports with their logs are for those who report for it.",
    )
