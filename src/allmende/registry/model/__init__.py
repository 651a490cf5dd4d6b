"""The values of the registry. What may be stored and what follows is decided in `rules`; rows are the `store`'s."""
