"""Pure functions that judge one testcase from facts, one module per standard."""
