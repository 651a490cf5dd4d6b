"""Judging one testcase from facts made by hand, for tests of checks and for those who write their own.

judge("scs-0115-default-rules", DefaultSecurityGroupRules(items=rules)).outcome is Outcome.FAIL
"""

from collections.abc import Mapping
from functools import cache

from allmende.checks.catalog import Check, catalogue
from allmende.errors import UnknownNameError
from allmende.outcome import Finding, Unavailable
from allmende.standards.load import load_standards


def judge(testcase: str, *facts: object) -> Finding:
    """Return the finding of `testcase` over `facts`; those it can do without and that are not given are unavailable.

    An `Unavailable` among the facts is the reason for that.
    UnknownNameError where no check has this id; TypeError where the check needs a fact that was not given.
    """
    checks = published_checks()
    if testcase not in checks:
        raise UnknownNameError(f"No check judges {testcase}.", hint="allmende standards list")
    check = checks[testcase]
    given = {type(fact): fact for fact in facts}
    absent = given.pop(Unavailable, Unavailable(reason="It was not observed."))
    return check.judge({**dict.fromkeys(check.optional, absent), **given})


@cache  # a suite of tests asks hundreds of times, and the published catalogue does not change while it runs
def published_checks() -> Mapping[str, Check]:
    """Return the check of every testcase of the published standards, by id."""
    return catalogue(load_standards())
