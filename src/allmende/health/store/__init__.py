"""The rows of the health monitor."""
