"""What a run will do: which testcases of which version of a scope, and which facts they need. Pure.

Testcases that need resources in the cloud (active), people (manual) or a check that is not written yet are part of the
plan as «not attempted», so that nobody takes them for passed.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from allmende.checks.catalog import Check
from allmende.errors import UnknownNameError, UsageError
from allmende.facts.domain_manager import DomainManager
from allmende.facts.fact import Fact
from allmende.standards.model import Scope, Standards, Target, Testcase, Validity, Version


class Reason(StrEnum):
    """Why a testcase is not attempted."""

    ACTIVE = "needs resources in the cloud, which this run does not create"
    ACCOUNT = "needs a domain manager's account, which --domain-manager names"
    HEAVY = "takes long, and is only run with --heavy"
    MANUAL = "is judged by people"
    UNWRITTEN = "has no automatic check yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a run may go: whether it may create resources, may take hours, and has a domain manager's account."""

    active: bool = True
    heavy: bool = False
    manager: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A testcase to judge, what it counts for, and the check that judges it."""

    testcase: Testcase
    target: Target
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAttempted:
    """A testcase that this run says nothing about."""

    testcase: Testcase
    target: Target
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to judge, in the order of the version, and what not.

    `is_whole` is False where patterns picked some testcases; the verdict is then one about these only. `may_create`
    tells whether something may be created in the cloud.
    """

    scope: Scope
    version: Version
    steps: tuple[Step, ...]
    not_attempted: tuple[NotAttempted, ...]
    is_whole: bool = True
    may_create: bool = True

    @property
    def facts(self) -> frozenset[type[Fact]]:
        """The types of all facts that the steps need, each once."""
        return frozenset(fact for step in self.steps for fact in step.check.facts)


def plan(
    standards: Standards,
    catalogue: Mapping[str, Check],
    scope: Scope,
    version: Version,
    only: Sequence[str] = (),
    reach: Reach | None = None,
) -> Plan:
    """Return the plan for a version of a scope, for the testcases that match any pattern of `only` (all without one).

    Patterns are those of the shell (`scs-0103-*`). Raises UnknownNameError for a pattern that matches nothing.
    """
    chosen, chosen_reach = _chosen(version.testcases(), only), reach or Reach()
    steps, others = [], []
    for identifier in chosen:
        testcase, target = standards.testcases[identifier], version.target_of(identifier)
        check = catalogue.get(identifier)
        reason = _obstacle(testcase, check, chosen_reach)
        if check is not None and reason is None:
            steps.append(Step(testcase=testcase, target=target, check=check))
        else:
            others.append(NotAttempted(testcase=testcase, target=target, reason=reason or Reason.UNWRITTEN))
    return Plan(
        scope=scope,
        version=version,
        steps=tuple(steps),
        not_attempted=tuple(others),
        is_whole=not only,
        may_create=chosen_reach.active,
    )


def newest_effective(scope: Scope, on: date) -> Version:
    """Return the newest version of a scope that counts on that day; of a scope that never had one, its newest draft.

    UsageError when there is neither.
    """
    counting = scope.effective(on)
    drafts = [version for version in scope.known(on) if scope.validity(version.name, on) is Validity.DRAFT]
    if drafts and not any(Validity.EFFECTIVE in entry.validity.values() for entry in scope.timeline):
        return drafts[0]
    if not counting:
        raise UsageError(f"No version of {scope.name} is effective on {on}.", hint="Name one with --version.")
    firm = [version for version in counting if scope.validity(version.name, on) is Validity.EFFECTIVE]
    return firm[0] if firm else counting[0]


def _obstacle(testcase: Testcase, check: Check | None, reach: Reach) -> Reason | None:
    if not testcase.automated:
        return Reason.MANUAL
    if check is None:
        return Reason.UNWRITTEN
    if testcase.active and not reach.active:
        return Reason.ACTIVE
    if DomainManager in check.facts and not reach.manager:
        return Reason.ACCOUNT
    return Reason.HEAVY if testcase.heavy and not reach.heavy else None


def _chosen(known: Sequence[str], only: Iterable[str]) -> tuple[str, ...]:
    patterns = tuple(only)
    if not patterns:
        return tuple(known)
    for pattern in patterns:
        if not any(fnmatchcase(identifier, pattern) for identifier in known):
            raise UnknownNameError(
                f"No testcase of this version matches `{pattern}`.", hint=_suggestion(pattern, known)
            )
    return tuple(i for i in known if any(fnmatchcase(i, pattern) for pattern in patterns))


def _suggestion(pattern: str, known: Sequence[str]) -> str:
    if any(identifier.startswith(pattern) for identifier in known):
        return f"Did you mean `{pattern}*`?"
    close = difflib.get_close_matches(pattern, known, n=3)
    if close:
        return f"Did you mean {' or '.join(f'`{name}`' for name in close)}?"
    return "`allmende standards show iaas` lists them."
