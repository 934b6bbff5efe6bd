"""RSS and Atom, with places (GeoRSS, W3C geo) or without, as a table: one row per item.

Columns are named as the feed writes them: `gdacs:alertlevel`, `geo:Point/geo:lat` for what
lies inside, `gdacs:severity@value` for attributes. What an item repeats is joined by `; `.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.table import Head, headers_of, layer_of
from loaders.formats.xml_safe import Element, elements, root_of
from loaders.raw import RawLayer, text_array

ROOTS = ("rss", "feed", "RDF")
ITEMS = frozenset({"item", "entry"})
# The mark of UTF-8, read as Latin-1 and written as UTF-8 again.
MARK_TWICE = "\ufeff".encode().decode("latin-1").encode()
TITLES = ("title", "pubDate", "updated", "date")


def sniff(head: bytes, path: Path) -> bool:
    """XML whose first element is a feed's."""
    return b"<" in head and root_of(head.removeprefix(MARK_TWICE)) in ROOTS


def read(opened: Opened) -> list[RawLayer]:
    """Read the items; a row's number is the item's place in the feed, from 1.

    Raises
    ------
    UnreadableFile
        When it is cut short, has a DOCTYPE, or holds no item.
    TooLarge
        Over the limits of columns, depth or text.
    """
    findings: list[Finding] = []
    with opened.path.open("rb") as stream:
        if stream.read(len(MARK_TWICE)) == MARK_TWICE:
            message = (
                f"{opened.name}: the file begins with a byte-order mark that was encoded twice; it was passed over."
            )
            findings.append(Finding("mark_twice", "info", message, found="a byte-order mark, twice encoded"))
    items: list[dict[str, str]] = []
    title = ""
    for element, holders in elements(opened.path, opened.name, ITEMS, findings):
        items.append(_flat(element))
        title = title or _title(holders)
        if len(items) % 10_000 == 0:
            opened.progress(len(items))
    if not items:
        raise UnreadableFile(opened.name, "a feed without items", "at least one item", "Fetch it again later.")
    names = list(dict.fromkeys(name for item in items for name in item))
    head = Head(0, names, (), 0, title)
    headers, said = headers_of(head, opened, opened.name)
    cells = [text_array([item.get(name) for item in items]) for name in names]
    rows = np.arange(1, len(items) + 1)
    return [layer_of(opened.name, head, headers, rows, cells, [*findings, *said])]


def _flat(item: Element) -> dict[str, str]:
    """Texts and attributes of all elements in an item, by their path."""
    found: dict[str, list[str]] = {}
    for child in item.children:
        _gather(child, child.name, found)
    return {name: "; ".join(dict.fromkeys(texts)) for name, texts in found.items()}


def _gather(element: Element, path: str, found: dict[str, list[str]]) -> None:
    text = element.text.strip()
    if text:
        found.setdefault(path, []).append(text)
    for name, value in element.attributes.items():
        if value.strip() and not name.startswith("xmlns"):
            found.setdefault(f"{path}@{name}", []).append(value.strip())
    for child in element.children:
        _gather(child, f"{path}/{child.name}", found)


def _title(holders: tuple[Element, ...]) -> str:
    """Title and day of the feed, as far as they stand before its first item."""
    for holder in reversed(holders):
        texts = [text for name in TITLES if (text := holder.text_of(name))]
        if texts:
            return " / ".join(texts)[:300]
    return ""


FEED = Format("feed", "RSS or Atom feed", (".xml", ".rss", ".atom"), sniff, read)
