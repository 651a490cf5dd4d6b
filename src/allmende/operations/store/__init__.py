"""Where status pages are kept."""
