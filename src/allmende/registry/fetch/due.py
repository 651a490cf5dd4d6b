"""Ask a registry elsewhere which testcases of a subject must run again."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from allmende.errors import RegistryRefusedError
from allmende.registry.fetch.address import checked
from allmende.registry.fetch.asking import asked, json_of, no_registry
from allmende.registry.rules.due import Why
from allmende.standards.model import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTestcase:
    """A testcase that must run again before `by`; people judge what is not `automated`."""

    scope: str
    testcase: str
    automated: bool
    target: Target
    why: Why
    by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """What is due of a subject, the most urgent first."""

    subject: str
    as_of: datetime
    due: tuple[DueTestcase, ...]


_DUE = TypeAdapter(DueList)


def due(registry: str, subject: str, days: int) -> DueList:
    """Return which testcases of a subject must run again now or within so many days, as the registry says.

    The same errors as for a submission.
    """
    url = f"{checked(registry)}/api/subjects/{quote(subject, safe='')}/due"
    answer = asked(registry, url, lambda client: client.get(url, params={"days": days}))
    content = json_of(answer)
    if answer.is_success and content is not None:
        with suppress(ValidationError):
            return _DUE.validate_python(content)
    elif content is not None and "detail" in content:
        raise RegistryRefusedError(f"The registry said no: {content['detail']}", hint=str(content.get("next", "")))
    raise no_registry(registry, answer)


def as_json(found: DueList) -> str:
    """Return what is due as JSON."""
    return _DUE.dump_json(found, indent=2).decode()
