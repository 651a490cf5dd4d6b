"""What the health monitor looks up itself, outside of a cloud's API."""
