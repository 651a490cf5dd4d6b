"""What somebody needs to know of one testcase who was woken by it: the definition, and how its outcome comes about."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from allmende.standards.model import Standards, Testcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """A testcase with `how` it is judged, what is looked at for that (`observes`) and what that means for the cloud.

    All in sentences; `traces` is empty where nothing judges it by itself.
    """

    testcase: Testcase
    how: str
    observes: tuple[str, ...] = ()
    traces: str = ""


def listing(standards: Standards, testcase: str) -> Iterator[str]:
    """Yield the versions of each scope that list the testcase under the same target, in words."""
    for scope in standards.scopes:
        uses = [(v.target_of(testcase), v.name) for v in scope.versions if testcase in v.testcases()]
        for target, versions in groupby(uses, key=lambda pair: pair[0]):
            yield f"{scope.name} {', '.join(name for _, name in versions)} ({target})"
