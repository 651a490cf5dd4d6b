"""The API of the health monitor."""
