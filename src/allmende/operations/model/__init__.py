"""What a status page is made of; data only."""
