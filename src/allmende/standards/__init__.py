"""Standards as code: documents, scopes, versions and their timeline, testcases, and the one verdict over results."""
