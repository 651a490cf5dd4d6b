"""Pure rules of the reference cloud: from blueprint and what a cloud has been given to its plan."""
