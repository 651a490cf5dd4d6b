"""Who may speak on a status page, and what is answered when something cannot be said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Path
from fastapi.security import HTTPBasicCredentials
from starlette.exceptions import HTTPException

from allmende.errors import DocumentError, KeptError, UnknownNameError, UsageError
from allmende.web.gate import Credentials, Gate

Speaks = Callable[[str, HTTPBasicCredentials | None], str]
"""Returns the cloud of an address to whoever may speak for it; as a dependency, it refuses others."""
SeesDrafts = Callable[[str, HTTPBasicCredentials | None], bool]
Cloud = Annotated[str, Path(max_length=300)]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        401: "Not authenticated",
        403: "Not for this cloud, or by a token that was not made for this",
        404: "There is no such thing",
        409: "What was published names it, or stays",
        422: "It says what cannot be",
    }.items()
}


def speaking(gate: Gate) -> tuple[Speaks, SeesDrafts]:
    """Return the dependencies that let speak, and show drafts to, those whom the gate knows for the cloud."""

    def speaks(cloud: Cloud, credentials: Credentials) -> str:
        if cloud not in gate(credentials):
            raise HTTPException(HTTPStatus.FORBIDDEN, f"This account does not speak for the cloud {cloud}.")
        return cloud

    def sees_drafts(cloud: Cloud, credentials: Credentials) -> bool:
        return credentials is not None and cloud in gate(credentials)

    return speaks, sees_drafts


@contextmanager
def answered() -> Iterator[None]:
    """Answer what cannot be with its reason and the next step."""
    try:
        yield
    except UnknownNameError:
        raise
    except KeptError as error:
        raise HTTPException(HTTPStatus.CONFLICT, f"{error} {error.hint}") from error
    except (UsageError, DocumentError) as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error} {error.hint}") from error
