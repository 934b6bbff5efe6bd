"""Versions, catalogue, audit. `store.open(home, as_=principal)` is the only door."""
