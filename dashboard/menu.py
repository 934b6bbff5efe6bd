"""The pages, in the order of the menu: script, title, path of the address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MenuEntry:
    """One page."""

    script: str
    title: str
    path: str


MENU = (
    MenuEntry("views/picture.py", "Picture", ""),
    MenuEntry("views/risk.py", "Risk near activities", "risk"),
    MenuEntry("views/coverage.py", "Coverage gaps", "coverage"),
    MenuEntry("views/movements.py", "Movements", "movements"),
    MenuEntry("views/buffers.py", "Buffers", "buffers"),
    MenuEntry("views/layers.py", "Layers", "layers"),
)
