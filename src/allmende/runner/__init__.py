"""From a scope and a cloud to results: the plan is a value, execution is I/O."""
