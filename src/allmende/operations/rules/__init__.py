"""What follows from what a status page says; pure."""
