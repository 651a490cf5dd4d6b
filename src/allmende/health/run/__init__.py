"""The order, the time and the concurrency of the health monitor."""
