"""Facts from clouds: one function per fact type, fetched once per run."""
