"""The tables of status pages as the newest migration leaves them; a test compares the two."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, MetaData, Table, Text, Uuid

from allmende.storage.columns import Instant

metadata = MetaData()

pages = Table(
    "operations_pages",
    metadata,
    Column("cloud", Text, primary_key=True),
    Column("automatic", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
)
components = Table(
    "operations_components",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cloud", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("labels", JSON, nullable=False),
    Index("ix_operations_components_cloud", "cloud"),
)
impact_types = Table(
    "operations_impact_types",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cloud", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Index("ix_operations_impact_types_cloud", "cloud"),
)
severities = Table(
    "operations_severities",
    metadata,
    Column("cloud", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)
phases = Table(
    "operations_phases",
    metadata,
    Column("cloud", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("names", JSON, nullable=False),
)
incidents = Table(
    "operations_incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cloud", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("affects", JSON, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=True),
    Column("phase", JSON, nullable=True),
    Column("published_at", Instant, nullable=True),
    Column("withdrawn_at", Instant, nullable=True),
    Column("alarm", Uuid, nullable=True),
    Column("measured_from", Instant, nullable=True),
    Column("post_mortem", JSON, nullable=True),
    Column("statements", JSON, nullable=False),
    Index("ix_operations_incidents_cloud", "cloud", "began_at"),
    Index("ix_operations_incidents_alarm", "alarm", unique=True),
)
updates = Table(
    "operations_updates",
    metadata,
    Column("incident", Uuid, ForeignKey("operations_incidents.id"), primary_key=True),
    Column("order", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("said_at", Instant, nullable=False),
)
