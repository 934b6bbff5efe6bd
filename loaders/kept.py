"""A review on disk: what the page shows of it without reading the rows."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from layers.errors import LoadError, OverlayError
from layers.kinds import kind_of
from layers.report import Finding, Findings, Report
from loaders.aside import with_aside
from loaders.draft import Draft, parse_as_of
from loaders.ingest import Progress, Review, changes, review, surroundings, unwatched
from store import Access, Written, write_rows

FOLDER, SUMMARY = "review", "review.json"
ACCEPTED, FINDINGS, REJECTED, PREVIEW = "accepted.parquet", "findings.parquet", "rejected.parquet", "preview.parquet"
MOST_DRAWN, MOST_IDS = 5_000, 20
SEVERITIES = ("refused", "rejected", "repaired", "warning", "info")


@dataclass(frozen=True)
class FindingCount:
    """How often one thing was found, and the first of it in words."""

    severity: str
    code: str
    count: int
    example: str


@dataclass(frozen=True)
class KeptReview:
    """A review as it lies beside its draft.

    Attributes
    ----------
    report : Report
        The account, without its findings.
    as_of : date or datetime
        What the data speak of.
    placed : int
        Records with a place.
    added, changed, withdrawn : int or None
        Against the version that the person saw; None for a new layer.
    first_added, first_changed, first_withdrawn : tuple of str
        The first ids of each.
    refusal : dict or None
        Why no review could be made, in the parts of an error; the account is then empty.
    written : dict or None
        What is known of the accepted rows on disk, in the parts of `store.Written`.
    """

    folder: Path
    home: Path
    draft: str
    report: Report
    kind: str
    mapping: dict[str, str]
    as_of: date | None
    id_stable: bool
    placed: int
    counts: tuple[FindingCount, ...]
    added: int | None = None
    changed: int | None = None
    withdrawn: int | None = None
    first_added: tuple[str, ...] = ()
    first_changed: tuple[str, ...] = ()
    first_withdrawn: tuple[str, ...] = ()
    refusal: dict[str, str] | None = None
    written: dict[str, Any] | None = None

    def findings(self, severity: str = "", code: str = "", most: int = 1000) -> list[Finding]:
        """The first findings, weightiest first, of one severity and code where given."""
        result: list[Finding] = []
        wanted = [c for c in self.counts if severity in ("", c.severity) and code in ("", c.code)]
        for count in wanted:
            same = [("severity", "==", count.severity), ("code", "==", count.code)]
            rows = pq.read_table(self.folder / FINDINGS, filters=same).slice(0, most - len(result)).to_pylist()
            result += [Finding(**row) for row in rows]
            if len(result) >= most:
                break
        return result

    def rejected(self) -> pd.DataFrame:
        """Rejected rows as the sender wrote them, columns about people included, each with its reason."""
        if self.refusal is not None:
            return pd.DataFrame({"row": [], "reason": []})
        return with_aside(pd.read_parquet(self.folder / REJECTED), self.draft, self.home)

    def preview(self) -> gpd.GeoDataFrame:
        """At most 5,000 of the records that have a place, evenly taken."""
        return gpd.read_parquet(self.folder / PREVIEW)

    def whole(self) -> Review:
        """The review itself, but for findings and rejected rows: what publishing needs."""
        if self.written is None:
            raise LoadError(self.kind, "a review that was refused", "a checked file", "Wait for the check.")
        as_of = self.as_of if self.as_of is not None else date.min
        return Review(
            frame=Written(self.folder / ACCEPTED, **self.written),
            report=self.report,
            rejected=pd.DataFrame(),
            kind=kind_of(self.kind),
            mapping=self.mapping,
            as_of=as_of,
            id_stable=self.id_stable,
        )


def make_review(draft: Draft, access: Access, progress: Progress = unwatched) -> None:
    """Review a draft and keep the outcome beside it, a refusal too."""
    key = _key(draft, access)
    folder = access.drafts() / draft.id / FOLDER
    fresh = folder.with_name(f"{FOLDER}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        summary = _kept(draft, access, fresh, progress)
    except OverlayError as error:
        summary = {"refusal": error.as_dict()}
    (fresh / SUMMARY).write_text(json.dumps(summary | {"key": key}), "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def kept_review(draft: Draft, access: Access) -> KeptReview | None:
    """The review of a draft as it now stands; None when it has to be made (anew)."""
    folder = access.drafts() / draft.id / FOLDER
    if not (folder / SUMMARY).is_file():
        return None
    summary: dict[str, Any] = json.loads((folder / SUMMARY).read_text("utf-8"))
    if summary.pop("key") != _key(draft, access):
        return None
    return KeptReview(
        folder=folder,
        home=access.home,
        draft=draft.id,
        report=Report(**summary.pop("account", {})),
        kind=summary.pop("kind", draft.kind),
        mapping=summary.pop("mapping", draft.mapping),
        as_of=parse_as_of(summary.pop("as_of", None)),
        id_stable=summary.pop("id_stable", False),
        placed=summary.pop("placed", 0),
        counts=tuple(FindingCount(**count) for count in summary.pop("counts", [])),
        refusal=summary.pop("refusal", None),
        written=summary.pop("written", None),
        **{name: tuple(value) if isinstance(value, list) else value for name, value in summary.items()},  # type: ignore[arg-type]
    )


def _key(draft: Draft, access: Access) -> str:
    """What a review rests on: the person's choices and the layers it was held against."""
    kind = kind_of(draft.kind) if draft.kind else None
    around = [] if kind is None else [[i.ref, i.content_hash] for i in surroundings(access, draft, kind)]
    as_of = draft.as_of.isoformat() if draft.as_of else ""
    said = [draft.kind, sorted(draft.mapping.items()), draft.crs, draft.layer, draft.base, as_of, around]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _kept(draft: Draft, access: Access, folder: Path, progress: Progress) -> dict[str, Any]:
    made = review(draft, access, progress=progress)
    frame = made.frame
    assert not isinstance(frame, Written)  # noqa: S101 - it was made just now
    progress("comparing", len(frame))
    written = write_rows(frame, made.kind, draft.layer, folder / ACCEPTED)
    made.rejected.to_parquet(folder / REJECTED)
    findings = Findings(made.report.findings)
    pq.write_table(findings.table(), folder / FINDINGS)
    geometry = frame.geometry.to_numpy()
    placed = np.flatnonzero(~shapely.is_missing(geometry) & ~shapely.is_empty(geometry))
    drawn = placed[:: max(1, -(-len(placed) // MOST_DRAWN))]
    frame.iloc[drawn].to_parquet(folder / PREVIEW)
    account = replace(made.report, findings=()).as_dict()
    del account["findings"]
    return {
        "account": account,
        "kind": made.kind.id,
        "mapping": made.mapping,
        "as_of": made.as_of.isoformat(),
        "id_stable": made.id_stable,
        "placed": len(placed),
        "counts": _counts(findings),
        "written": {"digest": written.digest, "content_hash": written.content_hash, "rows": written.rows},
    } | _changes(draft, access, made)


def _counts(findings: Findings) -> list[dict[str, Any]]:
    ordered = sorted(findings.counts().items(), key=lambda item: SEVERITIES.index(item[0][0]))
    return [asdict(FindingCount(*key, count, first)) for key, (count, first) in ordered]


def _changes(draft: Draft, access: Access, made: Review) -> dict[str, Any]:
    found = changes(draft, access, made)
    if found is None:
        return {}
    named = {"added": found.added, "changed": found.changed, "withdrawn": found.withdrawn}
    return {name: len(ids) for name, ids in named.items()} | {
        f"first_{name}": list(ids[:MOST_IDS]) for name, ids in named.items()
    }
