"""The document of the SCS compliance monitor's `/status`: what counts now, by subject and scope.

Times stand there without an offset and are UTC, as in the reports of the SCS test suite.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allmende.registry.rules.public_monitor import (
    NUMBERS,
    ScopeStanding,
    Standings,
    VersionStanding,
    demanded_by_stable,
)
from allmende.standards.model import Standards, Target


def status_document(standings: Standings, standards: Standards, only: UUID | None = None) -> dict[str, dict[str, Any]]:
    """Return the document of these standings, of `only` one scope if asked."""
    found = {
        subject: {
            standing.scope.uuid: _scope(standing, standards)
            for standing in by_scope.values()
            if only in (None, UUID(standing.scope.uuid))
        }
        for subject, by_scope in standings.items()
    }
    return {subject: scopes for subject, scopes in found.items() if scopes}


def _scope(standing: ScopeStanding, standards: Standards) -> dict[str, Any]:
    return {
        "name": standing.scope.name,
        "testcases": _testcases(standing, standards),
        "results": {
            testcase: {
                "result": NUMBERS[result.outcome],
                "checked_at": without_offset(result.checked_at),
                "report": result.report,
            }
            for testcase, result in standing.results.items()
        },
        "buckets": {_key(NUMBERS[outcome]): testcases for outcome, testcases in standing.buckets().items()},
        "versions": {version.version.name: _version(version) for version in standing.versions},
        "relevant": [version.version.name for version in standing.relevant],
        "result": NUMBERS[standing.outcome],
        "passed": [version.version.name for version in standing.passed],
        "passed_str": standing.passed_words,
        "best_passed": standing.winner.place if standing.winner else None,
        "validity": standing.validity,
    }


def _testcases(standing: ScopeStanding, standards: Standards) -> dict[str, Any]:
    demanded = demanded_by_stable(standing.scope)
    listed = dict.fromkeys(testcase for version in standing.scope.versions for testcase in version.testcases())
    known = (standards.testcases[testcase] for testcase in listed)
    return {
        testcase.id: {
            "id": testcase.id,
            "lifetime": testcase.lifetime,
            "description": testcase.title,
            "url": testcase.url,
            "attn": demanded.get(testcase.id, 0),
        }
        for testcase in known
    }


def _version(standing: VersionStanding) -> dict[str, Any]:
    version = standing.version
    targets = {target: sorted(version.testcases(target)) for target in Target}
    return {
        "_idx": standing.place,
        "result": NUMBERS[standing.outcome],
        "targets": {
            target: {"testcases": testcases, "result": NUMBERS[standing.card.verdict_under(target)]}
            for target, testcases in targets.items()
            if testcases
        },
        "tc_target": {testcase: target for target, testcases in targets.items() for testcase in testcases},
        "validity": standing.validity,
    }


def _key(number: int | None) -> str:
    return "null" if number is None else str(number)


def without_offset(moment: datetime) -> datetime:
    """Return the moment in UTC, as the monitor writes it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
