"""Which plan the words of a command line ask for."""

from collections.abc import Sequence

from allmende.checks.catalog import catalogue
from allmende.cli.clock import utc_now
from allmende.runner.plan import Plan, Reach, newest_effective, plan
from allmende.standards import find
from allmende.standards.model import Standards


def asked_plan(standards: Standards, scope: str, version: str | None, only: Sequence[str], reach: Reach) -> Plan:
    """Return the plan for a scope and version by their names, the newest effective one if none is given.

    Raises UnknownNameError for a name or pattern that nothing has, UsageError where no version is effective.
    """
    found, today = find.scope(standards, scope), utc_now().date()
    chosen = find.version(found, version, today) if version else newest_effective(found, today)
    return plan(standards, catalogue(standards), found, chosen, only, reach)
