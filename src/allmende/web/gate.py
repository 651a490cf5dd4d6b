"""Who sends a request to an API, as their client says it; who that is, and what they may do, another part decides."""

from collections.abc import Callable, Collection
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPBasic, HTTPBasicCredentials

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]
Gate = Callable[[HTTPBasicCredentials | None], Collection[str]]
"""Returns the names of the clouds for which these credentials may speak; raises what is answered to unknown ones."""
