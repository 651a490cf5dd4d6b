"""Decide how the SCS compliance monitor would tell the current results of a subject for a scope.

Its words differ from ours: a version is «passed» there unless it fails, so that one with missing results is; of the
versions only those are looked at that the timeline names today, down to the first that is passed and no draft. What a
result and a set of them are worth is the same (scs-0003-v2) and stays `standards.verdict`'s.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from allmende.outcome import Outcome
from allmende.registry.model.record import CurrentResult
from allmende.standards.model import Scope, Standards, Target, Validity, Version
from allmende.standards.verdict import PRECEDENCE, ScoreCard, expiry, score_card

GROUP_PREFIX = "group-"
"""What stands before the title of a group where the monitor's addresses name a subject."""

NUMBERS: Mapping[Outcome, int | None] = {Outcome.PASS: 1, Outcome.DNF: 0, Outcome.FAIL: -1, Outcome.MISS: None}
MARKS: Mapping[Validity, str] = {
    Validity.EFFECTIVE: "",
    Validity.DRAFT: "*",
    Validity.WARN: "†",
    Validity.DEPRECATED: "††",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStanding:
    """One version that the timeline names today; `place` is its place among all versions of the scope."""

    version: Version
    place: int
    validity: Validity
    card: ScoreCard

    @property
    def outcome(self) -> Outcome:
        """The outcome of the main testcases."""
        return self.card.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeStanding:
    """What the monitor says of a subject for a scope.

    `results` are those that count now. `versions` are all that the timeline names today, newest first; `relevant` those
    of them that were looked at, `passed` those that do not fail.
    """

    scope: Scope
    results: Mapping[str, CurrentResult]
    versions: tuple[VersionStanding, ...]
    relevant: tuple[VersionStanding, ...]
    passed: tuple[VersionStanding, ...]

    @property
    def outcome(self) -> Outcome:
        """The outcome of the version that was looked at last; FAIL when there was none."""
        return self.relevant[-1].outcome if self.relevant else Outcome.FAIL

    @property
    def winner(self) -> VersionStanding | None:
        """The newest version that is passed and no draft."""
        return next((version for version in self.passed if version.validity is not Validity.DRAFT), None)

    @property
    def validity(self) -> Validity:
        """What the passed version counts for."""
        return self.winner.validity if self.winner else Validity.DEPRECATED

    @property
    def passed_words(self) -> str:
        """The passed versions with the marks of their validity: `v5.1, v4††`."""
        return ", ".join(f"{passed.version.name}{MARKS[passed.validity]}" for passed in self.passed)

    def outcome_of(self, testcase: str) -> Outcome:
        """Return the outcome of a testcase that counts now."""
        found = self.results.get(testcase)
        return found.outcome if found else Outcome.MISS

    def buckets(self) -> Mapping[Outcome, Sequence[str]]:
        """Return the testcases of the relevant versions by outcome; those that a stable version demands come first."""
        demanded = demanded_by_stable(self.scope)
        listed = {testcase for version in self.relevant for testcase in version.version.testcases()}
        ordered = sorted(listed, key=lambda testcase: (not demanded.get(testcase), testcase))
        by_outcome = ((outcome, [t for t in ordered if self.outcome_of(t) is outcome]) for outcome in PRECEDENCE)
        return {outcome: testcases for outcome, testcases in by_outcome if testcases}


Standings = Mapping[str, Mapping[str, ScopeStanding]]
"""The standings by the ids of subject and scope."""


def worst_standing(standings: Iterable[ScopeStanding | None]) -> ScopeStanding | None:
    """Return the standing that speaks for a group; None stands for a member of which nothing counts."""
    return min(standings, key=lambda standing: PRECEDENCE.index(standing.outcome if standing else Outcome.MISS))


def scope_standing(
    scope: Scope,
    current: Iterable[CurrentResult],
    standards: Standards,
    now: datetime,
    *,
    with_drafts: bool = False,
) -> ScopeStanding:
    """Return what the monitor says of a subject's current results for a scope; drafts are left out unless asked for."""
    # A clock that is a little ahead must not hide a result that has replaced an older one.
    judgeable = {
        result.testcase: result if result.checked_at <= now else replace(result, checked_at=now)
        for result in current
        if _counts(result, standards, now)
    }
    validities = scope.named(now.astimezone(UTC).date())
    versions = tuple(
        VersionStanding(
            version=version,
            place=place,
            validity=validities[version.name],
            card=score_card(version, standards, judgeable.values(), now),
        )
        for place, version in enumerate(scope.versions)
        if version.name in validities
    )
    relevant = tuple(_relevant(versions, with_drafts=with_drafts))
    return ScopeStanding(
        scope=scope,
        results=judgeable,
        versions=versions,
        relevant=relevant,
        passed=tuple(version for version in relevant if version.outcome is not Outcome.FAIL),
    )


def demanded_by_stable(scope: Scope) -> Mapping[str, int]:
    """Return how many stable versions have a testcase under the target main, by testcase."""
    stable = [version for version in scope.versions if version.stabilized]
    return Counter(testcase for version in stable for testcase in version.testcases(Target.MAIN))


def _counts(result: CurrentResult, standards: Standards, now: datetime) -> bool:
    testcase = standards.testcases.get(result.testcase)
    return testcase is not None and now < expiry(result.checked_at, testcase.lifetime)


def _relevant(versions: Sequence[VersionStanding], *, with_drafts: bool) -> Iterator[VersionStanding]:
    for version in versions:
        is_draft = version.validity is Validity.DRAFT
        if is_draft and not with_drafts:
            continue
        yield version
        if version.outcome is not Outcome.FAIL and not is_draft:
            return
