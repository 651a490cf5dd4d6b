"""What pages share: templates, assets, problem responses."""
