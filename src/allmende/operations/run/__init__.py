"""What can be done with status pages."""
