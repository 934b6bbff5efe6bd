"""Whose columns these are, one source a file."""
