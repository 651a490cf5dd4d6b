"""Read the record: the table, one subject, one report. Every answer is assembled from the store and `rules`."""

from datetime import datetime
from uuid import UUID

from allmende.registry.model import DayOutcome, ReportRecord, SubjectRecord, Table
from allmende.registry.run.registry import Registry


def table(registry: Registry, now: datetime) -> Table:
    """Return the public table as of `now`."""
    raise NotImplementedError


def subject_record(registry: Registry, subject: str, now: datetime) -> SubjectRecord:
    """Return what the record says of the subject with this id; UnknownNameError when there is none."""
    raise NotImplementedError


def report_record(registry: Registry, report: UUID) -> ReportRecord:
    """Return one report with its results; UnknownNameError when there is none."""
    raise NotImplementedError


def history(registry: Registry, subject: str, scope: UUID, since: datetime) -> dict[str, tuple[DayOutcome, ...]]:
    """Return per testcase the worst outcome of each day with a result since then, oldest first."""
    raise NotImplementedError
