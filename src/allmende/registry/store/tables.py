"""The tables as the newest migration leaves them; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps it without its offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

subjects = Table(
    "subjects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("group_title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("health_url", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)
accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("created_at", Instant, nullable=False),
)
grants = Table(
    "grants",
    metadata,
    Column("account", Text, ForeignKey("accounts.name"), primary_key=True),
    Column("subject", Text, ForeignKey("subjects.id"), primary_key=True),
)
tokens = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("added_at", Instant, nullable=False),
)
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("account", Text, ForeignKey("accounts.name"), primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
)
submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("media_type", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
)
reports = Table(
    "reports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("submission", Integer, ForeignKey("submissions.id"), nullable=False, index=True),
    Column("content_digest", Text, nullable=False),
    Column("subject", Text, ForeignKey("subjects.id"), nullable=False),
    Column("scope", Uuid, nullable=False),
    Column("scope_name", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Index("ix_reports_subject", "subject", "scope", "finished_at"),
    Index("ix_reports_newest", "subject", "finished_at"),
)
results = Table(
    "results",
    metadata,
    Column("report", Uuid, ForeignKey("reports.id"), primary_key=True),
    Column("testcase", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("summary", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
)
exclusions = Table(
    "exclusions",
    metadata,
    Column("report", Uuid, ForeignKey("reports.id"), primary_key=True),
    Column("testcase", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("expires", Date, nullable=False),
)
current_results = Table(
    "current_results",
    metadata,
    Column("subject", Text, ForeignKey("subjects.id"), primary_key=True),
    Column("scope", Uuid, primary_key=True),
    Column("testcase", Text, primary_key=True),
    Column("report", Uuid, ForeignKey("reports.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("last_passed", Instant, nullable=True),
)
revision = Table("revision", metadata, Column("number", Integer, nullable=False))
