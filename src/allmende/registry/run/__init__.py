"""What the registry does: read the record, accept submissions, administer accounts and subjects."""
