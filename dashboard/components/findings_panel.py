"""The row report: every rejected, repaired or doubtful row, why, and what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import streamlit as st

from dashboard import cache
from dashboard.components import look
from dashboard.features import titles_of
from dashboard.view import DraftQuery, to_text
from layers.kinds import kind_of
from layers.report import Finding
from loaders.draft import Draft
from loaders.kept import KeptReview
from loaders.returned import MOST_IN_A_SHEET

MOST_SHOWN = 300
LONGEST = 400  # characters of a sentence
SEVERITY = {
    "refused": "refused",
    "rejected": "rejected",
    "repaired": "repaired",
    "warning": "to look at",
    "info": "noted",
}
ALL_CODES = "all"
PAIR = "possible_duplicate"
PAIRS_SHOWN, PAIRS_BESIDE = 20, 3
ROWS = re.compile(r"rows (\d+), (\d+)$")


def findings_panel(draft: Draft, kept: KeptReview, query: DraftQuery) -> None:
    """The findings, filtered by severity, code and words; downloads beside them."""
    by_severity = Counter[str]()
    for count in kept.counts:
        by_severity[count.severity] += count.count
    if not by_severity:
        st.html('<div class="o-muted">Nothing to report: every row was taken as it stands.</div>')
        return
    severity_box, code_box, search_box = st.columns([10, 4, 4], vertical_alignment="bottom")
    there = [name for name in SEVERITY if by_severity[name]]
    severity = severity_box.segmented_control(
        "Row report",
        there,
        format_func=lambda name: f"{SEVERITY[name]} {by_severity[name]:,}",
        key=f"severity.{draft.id}",
    )
    codes = Counter[str]()
    for count in kept.counts:
        if severity in (None, count.severity):
            codes[count.code] += count.count
    code = code_box.selectbox(
        "What",
        [ALL_CODES, *codes],
        key=f"code.{draft.id}.{severity}",
        format_func=lambda name: (
            f"all ({codes.total():,})" if name == ALL_CODES else f"{name.replace('_', ' ')} ({codes[name]:,})"
        ),
    )
    sought = search_box.text_input("Search", key=f"search.{draft.id}", placeholder="row, field or words")
    wanted = "" if code in (None, ALL_CODES) else str(code)
    found = kept.findings(severity or "", wanted, MOST_SHOWN)
    shown = searched(found, sought)
    if wanted != PAIR:
        _table(shown)
    _pairs(draft, [f for f in shown if f.code == PAIR], query, PAIRS_SHOWN if wanted == PAIR else PAIRS_BESIDE)
    total = codes[wanted] if wanted else codes.total()
    if total > len(found):
        st.html(f'<div class="o-muted">{len(found):,} of {total:,} shown; the download holds all.</div>')
    _downloads(kept, query)


def searched(findings: Sequence[Finding], text: str) -> list[Finding]:
    """The findings that hold every word of `text`, in whatever place."""
    words = text.casefold().split()
    return [f for f in findings if all(w in f"{f.row} {f.field} {f.found} {f.message}".casefold() for w in words)]


def in_words(finding: Finding) -> str:
    """The message without the file, row and field, which stand in columns or in the heading of the file."""
    where, colon, rest = finding.message.partition(": ")
    known = f"row {finding.row}" in where if finding.row is not None else " " not in where.strip()
    return f"{rest[:1].upper()}{rest[1:]}" if colon and known else finding.message


def grouped(findings: Sequence[Finding]) -> list[tuple[Finding, int]]:
    """Each thing said of a row once, with how often: the rounds of a reshaped row repeat it.

    >>> twice = Finding("bad_date", "warning", "Found x.", 4, "date", "x")
    >>> [times for _, times in grouped([twice, twice])]
    [2]
    """
    times = Counter((f.severity, f.code, f.row, f.message) for f in findings)
    first = {(f.severity, f.code, f.row, f.message): f for f in reversed(findings)}
    return [(first[said], number) for said, number in times.items()]


def _table(findings: Sequence[Finding]) -> None:
    """What was found, as sentences that wrap: a grid would cut them."""
    rows = "".join(_line(finding, times) for finding, times in grouped(findings))
    head = "<tr><th>What</th><th>Row</th><th>Field</th><th>In words, and what to do</th></tr>"
    st.html(f'<div class="o-card o-report" tabindex="0"><table>{head}{rows}</table></div>')


def _line(finding: Finding, times: int) -> str:
    said, row = in_words(finding), "" if finding.row is None else finding.row
    remedy = "" if said.endswith(finding.remedy) else f'<div class="muted">{look.text(finding.remedy[:LONGEST])}</div>'
    often = f" ({times:,} times)" if times > 1 else ""
    return (
        f"<tr><td>{SEVERITY[finding.severity]}</td><td>{row}</td><td>{look.text(finding.field or '')}</td>"
        f"<td>{look.text(said[:LONGEST])}{often}{remedy}</td></tr>"
    )


def _pairs(draft: Draft, found: Sequence[Finding], query: DraftQuery, most: int) -> None:
    """Records that may be one and the same, side by side: none was taken out."""
    pairs = list({f.found: f for f in found}.values())
    if not pairs:
        return
    frame = cache.draft_preview(query)
    titles = dict(zip(frame["row"].tolist(), titles_of(frame, kind_of(draft.kind)), strict=True))
    look.table_card(
        f"{len(pairs):,} {'pair' if len(pairs) == 1 else 'pairs'} that may be one thing; both stay",
        [(pair_in_words(f, titles), in_words(f)) for f in pairs[:most]],
        f"{len(pairs) - most:,} more: choose possible duplicate above, or take the download."
        if len(pairs) > most
        else "",
    )


def pair_in_words(finding: Finding, titles: Mapping[int, str]) -> str:
    """Both records of a pair, by row and by name where that is known.

    >>> pair_in_words(Finding("possible_duplicate", "warning", "", 28, "id", "rows 9, 28"), {9: "Old mill"})
    'row 9, Old mill ⇄ row 28'
    """
    rows = ROWS.match(finding.found)
    if rows is None:
        return finding.found
    return " ⇄ ".join(", ".join(filter(None, [f"row {row}", titles.get(int(row), "")])) for row in rows.groups())


def _downloads(kept: KeptReview, query: DraftQuery) -> None:
    address = quote(to_text(query))
    links = [f'<a href="/findings?q={address}" download>all findings (CSV)</a>']
    rejected = kept.report.rows_rejected
    if rejected:
        in_a_sheet = f"the first {MOST_IN_A_SHEET:,} of {rejected:,}" if rejected > MOST_IN_A_SHEET else f"{rejected:,}"
        as_csv = "all of them as CSV" if rejected > MOST_IN_A_SHEET else "the same as CSV"
        links = [
            f'<a href="/rejected?q={address}&amp;format=xlsx" download>'
            f"{in_a_sheet} rejected {'row with its reason' if rejected == 1 else 'rows with their reasons'} (XLSX)</a>",
            f'<a href="/rejected?q={address}&amp;format=csv" download>{as_csv}</a>',
            *links,
        ]
    st.html(f'<div class="o-links">Download: {" · ".join(links)}</div>')
