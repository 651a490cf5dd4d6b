"""The health monitor: scenarios on real clouds, all day, and what is shown of how they went."""
