"""Fakes of every port, for our tests and for those who build on Allmende."""
