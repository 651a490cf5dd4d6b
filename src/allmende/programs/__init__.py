"""Programs of others that run as processes of their own, and the environments that they are installed into."""
