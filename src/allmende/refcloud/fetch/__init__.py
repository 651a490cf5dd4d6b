"""What the reference cloud needs from elsewhere: guest images, built on this machine or fetched from their makers."""
