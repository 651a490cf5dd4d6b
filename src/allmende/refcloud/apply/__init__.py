"""What changes this machine or the cloud: each module does what a plan says."""
