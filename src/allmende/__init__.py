"""Allmende: the Sovereign Cloud Stack as one program."""

__version__ = "0.1.0"
