"""Versions, catalogue and audit. `Access` is the only door to what is kept."""

from store.access import Access, open
from store.audit import AuditRow
from store.objects import write_rows
from store.parts import Part, Points, read_points
from store.records import OPERATOR, Damage, Difference, LayerInfo, Principal, Publication, Shape, Variant, Written

__all__ = [
    "OPERATOR",
    "Access",
    "AuditRow",
    "Damage",
    "Difference",
    "LayerInfo",
    "Part",
    "Points",
    "Principal",
    "Publication",
    "Shape",
    "Variant",
    "Written",
    "open",
    "read_points",
    "write_rows",
]
