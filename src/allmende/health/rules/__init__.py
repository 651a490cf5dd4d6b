"""What the health monitor decides."""
