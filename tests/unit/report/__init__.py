"""A report: its forms, those that are read again and those that only others read."""
