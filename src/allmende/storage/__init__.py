"""The database behind the registry: SQLite or PostgreSQL, with numbered migrations."""
