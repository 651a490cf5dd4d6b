"""The reference cloud, over its APIs."""
