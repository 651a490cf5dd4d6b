"""The HTTP API of the registry: `POST /reports` as SCS tools know it, and JSON under `/api` for everything shown."""
