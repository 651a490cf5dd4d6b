"""Checks are judged by examples: facts in, finding out."""
