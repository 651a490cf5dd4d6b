"""One request to a registry elsewhere, and what it means when the answer is none of a registry's."""

from collections.abc import Callable
from typing import Any

import httpx

from allmende import __version__
from allmende.errors import RegistryUnreachableError
from allmende.registry.fetch.address import is_loopback

TIMEOUT_S = 30.0


def asked(registry: str, url: str, ask: Callable[[httpx.Client], httpx.Response]) -> httpx.Response:
    """Return the answer to a request; RegistryUnreachableError when there is none."""
    headers = {"Accept": "application/json", "User-Agent": f"allmende/{__version__}"}
    try:
        # A proxy of the environment is not asked for what is on this machine.
        with httpx.Client(timeout=TIMEOUT_S, trust_env=not is_loopback(url), headers=headers) as client:
            return ask(client)
    except httpx.TimeoutException as error:
        raise RegistryUnreachableError(
            f"The registry at {registry} did not answer within {TIMEOUT_S:.0f} s.", hint="Try again in a minute."
        ) from error
    except httpx.HTTPError as error:
        raise RegistryUnreachableError(
            f"The registry at {registry} cannot be reached: {error}.", hint="Check the address and the network."
        ) from error


def no_registry(registry: str, answer: httpx.Response) -> RegistryUnreachableError:
    """Return the error that says that what answered is no registry."""
    return RegistryUnreachableError(
        f"What answered at {registry} is no registry (HTTP status {answer.status_code}).",
        hint="Check the address; perhaps a proxy answered in its place.",
    )


def json_of(answer: httpx.Response) -> dict[str, Any] | None:
    """Return the JSON object of an answer; None when it has none."""
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
