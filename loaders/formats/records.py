"""JSON that is a list of records, or wraps one as the answers of APIs do; JSON Lines too.

DTM has `result`, HDX HAPI, ACLED and VIEWS `data`, UCDP `Result`, ODK Central `value`,
KoboToolbox `results`. Objects inside a record become columns `a.b`, lists stay as text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from layers.errors import UnreadableFile
from layers.report import Finding
from loaders.formats.format import Format, Opened
from loaders.formats.json_text import begin, cell, content_of, loads, members, parse, uncollected
from loaders.formats.table import Head, headers_of, layer_of
from loaders.raw import RawLayer, text_array

WRAPPERS = ("result", "results", "data", "value", "records", "items", "rows", "events", "incidents")
GEOGRAPHIC = frozenset({"features", "geometry", "coordinates", "geometries", "overlay"})
# Members by which an answer says that it is one page of several.
NEXT_PAGE = ("next", "next_page", "NextPageUrl", "nextPageUrl", "@odata.nextLink", "next_page_url")
EXPECTED = "a list of records, or GeoJSON"
Json = dict[str, Any]


def sniff(head: bytes, path: Path) -> bool:
    """Whether it is JSON, and none of the members on top belongs to GeoJSON."""
    text = begin(head)
    if text[:1] == "[":
        return text[1:].lstrip()[:1] in ("{", "]", "[")
    if text[:1] != "{":
        return False
    names = set(members(text)[0])
    return bool(names) and not names & (GEOGRAPHIC if names & set(WRAPPERS) else GEOGRAPHIC | {"type"})


@uncollected()
def read(opened: Opened) -> list[RawLayer]:
    """Read the records; a row's number is the record's place in the list, from 1.

    Raises
    ------
    UnreadableFile
        When it is cut short, no JSON, or holds no list of records.
    TooLarge
        Over the limit of columns or of depth.
    """
    content, findings = content_of(opened, "JSON")
    document = _document(content, opened.name)
    del content
    records, where = _records(document, opened.name)
    if isinstance(document, dict):
        findings += _said(document, len(records), opened.name)
    del document
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            findings.append(_no_record(opened.name, number, record))
    flat = [_flat(record) if isinstance(record, dict) else {} for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    head = Head(0, names, (), 0, "")
    headers, said = headers_of(head, opened, opened.name)
    fractions = frozenset(i for i, n in enumerate(names) if any(isinstance(r.get(n), float) for r in flat))
    cells = [text_array([cell(record.get(name)) for record in flat]) for name in names]
    rows = np.arange(1, len(records) + 1)
    layer = layer_of(opened.name, head, headers, rows, cells, [*findings, *said], numeric=fractions)
    layer.title = where
    return [layer]


def _document(content: bytes, name: str) -> Any:
    import msgspec  # here, for the worker starts for every file

    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        pass
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.strip()[:1] == b"{" and line.strip()[-1:] == b"}" for line in lines):
        try:
            return [loads(line.decode("utf-8", errors="replace")) for line in lines]
        except ValueError:
            pass  # no JSON Lines after all: the whole text says where it breaks
    return parse(content, name, "JSON")


def _records(document: Any, name: str) -> tuple[list[Any], str]:
    """The list of records, wherever it lies, and what stands beside it in words."""
    if isinstance(document, list):
        found = document
    else:
        lists = _lists(document) if isinstance(document, dict) else {}
        best = max(lists, key=lambda key: (key.lower() in WRAPPERS, len(lists[key])), default=None)
        if best is None:
            raise UnreadableFile(name, _shape(document), EXPECTED, "Export the records themselves.")
        found = lists[best]
    if not found:
        raise UnreadableFile(name, "an answer without records", "at least one record", "Ask for more, or widen it.")
    if not any(isinstance(record, dict) for record in found):
        raise UnreadableFile(name, _shape(document), EXPECTED, "Export the records as objects with names.")
    words = [f"{k} {v}" for k, v in document.items() if isinstance(v, str)] if isinstance(document, dict) else []
    return found, " / ".join(words)[:300]


def _lists(document: Json, depth: int = 2) -> dict[str, list[Any]]:
    """Members that are lists of records, also inside an object of the answer."""
    found: dict[str, list[Any]] = {}
    for key, value in document.items():
        if isinstance(value, list) and (not value or any(isinstance(v, dict) for v in value)):
            found[key] = value
        elif isinstance(value, dict) and depth > 1:
            found |= {f"{key}.{k}" if k in found else k: v for k, v in _lists(value, depth - 1).items()}
    return found


def _shape(document: Any) -> str:
    if isinstance(document, dict):
        return f"JSON with the members {', '.join(list(document)[:6])}"
    return "a JSON list of plain values" if isinstance(document, list) else "a single JSON value"


def _said(document: Json, count: int, name: str) -> list[Finding]:
    """An answer that is one page of several, or that reports an error, says so."""
    if any(document.get(key) for key in NEXT_PAGE):
        return [
            Finding(
                "more_pages",
                "warning",
                f"{name}: this answer holds {count} records and says that further pages exist; they are not in it.",
                found=f"{count} records",
                remedy="Fetch the other pages too, or ask for all records at once.",
            )
        ]
    return []


def _no_record(name: str, number: int, value: Any) -> Finding:
    found = (cell(value) or "null")[:60]
    return Finding(
        "not_a_record",
        "rejected",
        f"{name}, record {number}: found {found}, expected an object with named values. Correct or remove it.",
        row=number,
        found=found,
        remedy="Correct or remove it.",
    )


def _flat(record: Json, prefix: str = "") -> Json:
    """Objects inside a record as `a.b`; an empty one stays as a blank cell of its name."""
    flat: Json = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        parts = _flat(value, f"{name}.") if isinstance(value, dict) and value else {name: value or _nothing(value)}
        for part, inner in parts.items():
            flat[part if part not in flat else f"{part} (2)"] = inner
    return flat


def _nothing(value: Any) -> Any:
    """An empty object as a blank; 0, false and an empty list as they are."""
    return None if value == {} else value


RECORDS = Format("records", "JSON records", (".json", ".jsonl", ".ndjson"), sniff, read)
