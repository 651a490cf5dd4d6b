"""The tables of the health monitor as the newest migration leaves them; a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from allmende.storage.columns import Instant

metadata = MetaData()

iterations = Table(
    "health_iterations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cloud", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("overhead", Float, nullable=False),
    Column("lag", Float, nullable=False),
    Column("left", JSON, nullable=False),
    Index("ix_health_iterations_cloud", "cloud", "began_at"),
    Index("ix_health_iterations_began_at", "began_at"),
    Index("ix_health_iterations_state", "cloud", "state", "began_at"),
)
samples = Table(
    "health_samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("iteration", Uuid, ForeignKey("health_iterations.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("service", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("ending", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("status", Integer, nullable=True),
    Column("request_id", Text, nullable=False),
    Column("said", Text, nullable=False),
    Index("ix_health_samples_iteration", "iteration"),
)
series = Table(
    "health_series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cloud", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    Column("of", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("what", Text, nullable=False),
    UniqueConstraint("cloud", "of", "service", "what", "region", "vantage", name="uq_health_series"),
)
tallies = Table(
    "health_tallies",
    metadata,
    Column("series", Integer, ForeignKey("health_series.id"), primary_key=True),
    Column("grain", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("tried", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("blind", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("durations", JSON, nullable=False),
    sqlite_with_rowid=False,
)
standings = Table(
    "health_standings",
    metadata,
    Column("cloud", Text, primary_key=True),
    Column("scenario", Text, primary_key=True),
    Column("vantage", Text, primary_key=True),
    Column("iteration", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
)
