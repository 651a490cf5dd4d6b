"""Which versions of which scopes list a testcase on a day, and what they count for then."""

from dataclasses import dataclass
from datetime import date

from allmende.standards.model import Scope, Standards, Target, Validity, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A version of a scope lists a testcase under a target."""

    scope: Scope
    version: Version
    target: Target
    validity: Validity


def uses(standards: Standards, testcase: str, on: date) -> tuple[Use, ...]:
    """Return the uses of a testcase by the versions that are known on that day, newest first within a scope."""
    return tuple(
        Use(
            scope=scope,
            version=version,
            target=version.target_of(testcase),
            validity=scope.validity(version.name, on),
        )
        for scope in standards.scopes
        for version in scope.known(on)
        if testcase in version.testcases()
    )
