"""What the health monitor speaks of."""
