"""What scenarios do in a cloud."""
