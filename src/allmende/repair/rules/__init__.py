"""What to change so that a testcase passes: pure functions from facts, findings and wishes to a plan."""
