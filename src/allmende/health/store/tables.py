"""The tables of the health monitor as the newest migration leaves them; a test compares the two."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text, Uuid

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
