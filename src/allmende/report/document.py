"""The report: what one run saw of one subject, for one scope, as a document that is signed and published.

The JSON form is Allmende's own (schema `allmende.report/1`); other forms are in `report.formats`.
"""

import operator
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from allmende.outcome import Outcome
from allmende.printable import UNPRINTABLE, printable
from allmende.standards.exclusions import MOST_OWNER, MOST_REASON

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=f"^[^{UNPRINTABLE}]+$")]

# What a cloud says is shown to people and kept in a database: control characters have no place in either.
Text = Annotated[str, AfterValidator(printable)]


def _in_utc(moment: datetime) -> datetime:
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no such time in UTC") from None
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]

MOST_REQUESTS = 2**31 - 1  # what an SQL integer holds


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=20_000)


class ReportedEvidence(_Part):
    """One thing that was looked at; see `allmende.outcome.Evidence`."""

    subject: Text
    seen: Text
    demanded: Text = ""
    ok: bool = True

    @property
    def words(self) -> str:
        """All of it on one line."""
        return f"{self.subject}: {self.seen}{f' (demanded: {self.demanded})' if self.demanded else ''}"


class Result(_Part):
    """The result of one testcase at one time. MISS is not a result and cannot be reported."""

    testcase: Name
    outcome: Literal[Outcome.PASS, Outcome.FAIL, Outcome.DNF]
    summary: Text
    checked_at: Moment
    evidence: tuple[ReportedEvidence, ...] = ()
    notes: tuple[Text, ...] = ()


class ReportedExclusion(_Part):
    """A testcase that is knowingly left as it is until the end of the day `expires` (UTC); its result stays as it is.

    See `allmende.standards.exclusions`.
    """

    testcase: Name
    reason: Annotated[Text, Field(min_length=1, max_length=MOST_REASON)]
    owner: Annotated[Text, Field(min_length=1, max_length=MOST_OWNER)]
    expires: date


class Tool(_Part):
    """What made the report."""

    name: Name
    version: Name


class Report(_Part):
    """The document of one run over one subject and scope."""

    document: Literal["allmende.report/1"] = Field(default="allmende.report/1", alias="schema")
    id: UUID
    subject: Name
    scope: UUID
    scope_name: Name
    started_at: Moment
    finished_at: Moment
    complete: bool = True
    requests: int = Field(default=0, ge=0, le=MOST_REQUESTS)
    tool: Tool
    results: tuple[Result, ...]
    # Absent when there are none, so that a report from before there were any keeps its bytes and its digest.
    exclusions: tuple[ReportedExclusion, ...] = Field(default=(), exclude_if=operator.not_)

    @property
    def checked_at(self) -> datetime:
        """When the run ended."""
        return self.finished_at
