"""Tests of the reference cloud that start no servers."""
