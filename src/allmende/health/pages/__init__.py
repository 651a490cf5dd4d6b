"""The pages of the health monitor."""
