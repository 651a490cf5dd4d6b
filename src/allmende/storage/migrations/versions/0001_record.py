"""The public record: subjects, accounts, submissions, reports, results."""  # noqa: INP001 -- alembic runs this file by its path

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "subjects",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("group_title", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("health_url", sa.Text, nullable=False),
    )
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), primary_key=True),
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
    )
    op.create_table(
        "tokens",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False, index=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "signing_keys",
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    _create_record()


def _create_record() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("submission", sa.Integer, sa.ForeignKey("submissions.id"), nullable=False, index=True),
        sa.Column("content_digest", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), nullable=False),
        sa.Column("scope", sa.Uuid, nullable=False),
        sa.Column("scope_name", sa.Text, nullable=False),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_reports_subject", "reports", ["subject", "scope", "finished_at"])
    op.create_table(
        "results",
        sa.Column("report", sa.Uuid, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("testcase", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
    )
    op.create_table(
        "current_results",
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
        sa.Column("scope", sa.Uuid, primary_key=True),
        sa.Column("testcase", sa.Text, primary_key=True),
        sa.Column("report", sa.Uuid, sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_passed", sa.DateTime(timezone=True), nullable=True),
    )
    revision_table = op.create_table("revision", sa.Column("number", sa.Integer, nullable=False))
    op.bulk_insert(revision_table, [{"number": 0}])
