"""The tables as the newest migration leaves them; a test compares the two."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)

from allmende.storage.columns import Instant

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
    Column("country", Text, nullable=False, server_default=""),
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
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("hash", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=True),
    Column("revoked_at", Instant, nullable=True),
    Column("used_at", Instant, nullable=True),
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
    Index("ix_results_testcase", "testcase"),
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

account_roles = Table(
    "account_roles",
    metadata,
    Column("account", Text, ForeignKey("accounts.name"), primary_key=True),
    Column("role", Text, primary_key=True),
)
rulings = Table(
    "rulings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", Uuid, ForeignKey("reports.id"), nullable=False),
    Column("testcase", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_rulings_report", "report", "testcase"),
)
evidence_files = Table(
    "evidence_files",
    metadata,
    Column("report", Uuid, ForeignKey("reports.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
certificates = Table(
    "certificates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subject", Text, ForeignKey("subjects.id"), nullable=False, index=True),
    Column("scope", Uuid, nullable=False),
    Column("version", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("credential", Text, nullable=False),
)
certificate_acts = Table(
    "certificate_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("certificate", Uuid, ForeignKey("certificates.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("act", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
integrators = Table(
    "integrators",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("country", Text, nullable=False),
)
integrator_references = Table(
    "integrator_references",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("integrator", Text, ForeignKey("integrators.id"), nullable=False, index=True),
    Column("layer", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=True),
    Column("subject", Text, ForeignKey("subjects.id"), nullable=True),
    Column("shown", Text, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
integrator_certificates = Table(
    "integrator_certificates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("integrator", Text, ForeignKey("integrators.id"), nullable=False, index=True),
    Column("layer", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("points", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("credential", Text, nullable=False),
)
integrator_acts = Table(
    "integrator_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("certificate", Uuid, ForeignKey("integrator_certificates.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("act", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, ForeignKey("subjects.id"), nullable=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=True),
    Column("said", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("key", Text, nullable=False, index=True),
    Column("more", JSON, nullable=True),
)
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("subject", Text, ForeignKey("subjects.id"), nullable=True),
    Column("made_at", Instant, nullable=False),
    Column("position", Integer, nullable=False),
    Column("ended_at", Instant, nullable=True),
)
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription", Uuid, ForeignKey("subscriptions.id"), nullable=False, index=True),
    Column("events", JSON, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("error", Text, nullable=False),
)
log_entries = Table(
    "log_entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False, index=True),
    Column("report", Uuid, ForeignKey("reports.id"), nullable=True, unique=True),
)
log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
)
log_size = Table("log_size", metadata, Column("size", Integer, nullable=False))
passwords = Table(
    "passwords",
    metadata,
    Column("account", Text, ForeignKey("accounts.name"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", Instant, nullable=True),
)
sessions = Table(
    "sessions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
invitations = Table(
    "invitations",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("ends_at", Instant, nullable=False),
)
identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("sub", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
)
standing_verdicts = Table(
    "standing_verdicts",
    metadata,
    Column("subject", Text, ForeignKey("subjects.id"), primary_key=True),
    Column("scope", Uuid, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("since", Instant, nullable=False),
)
