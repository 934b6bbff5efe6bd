"""Pieces of a page: render(data) -> event."""
