"""What FakeOpenStack answers: pure functions from a state and a call to a reply, one module a service."""
