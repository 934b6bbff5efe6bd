"""HTTP routes of the same process."""
