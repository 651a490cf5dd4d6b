"""Status pages for programs: the SCS status-page API."""
