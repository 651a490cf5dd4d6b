"""The record in SQL: one module per kind of row, each function over a connection of the caller."""
