"""Running the tests of Tempest in its own environment: its configuration, its process, its reports, kept results."""
