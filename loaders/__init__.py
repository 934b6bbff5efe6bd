"""Bytes or a feed become a Draft, then a Dataset with a Report."""
