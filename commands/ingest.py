"""`ingest`: files in, layers kept, every row accounted for."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import Json, User, open_store, parse_moment, utf8
from commands.output import print_json, print_table, say
from layers.errors import OverlayError, UnreadableFile
from layers.report import Finding, Report

if TYPE_CHECKING:
    from layers.marking import Marking
    from loaders.draft import Draft
    from loaders.drafting import IngestOptions
    from loaders.ingest import Review
    from store import Access, Difference, LayerInfo

LOG = logging.getLogger("overlay")
PLACES_FIRST = {"admin_areas": 0, "settlements": 1}
ORDER = ("refused", "rejected", "warning", "repaired", "info")


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files; a folder is refused by name.")],
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Kind of layer. Default: recognised.")] = None,
    layer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the layer. One file only.", callback=utf8)
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Who published it.", callback=utf8)] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="What day the data speak of.")] = None,
    marking: Annotated[str | None, typer.Option(metavar="M", help="Default: that of the file or of its kind.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help='JSON: {"column of the file": "our field"}.')
    ] = None,
    crs: Annotated[
        str, typer.Option(metavar="EPSG", help="Coordinate system of its numbers, e.g. EPSG:32634. Default: stated.")
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="WHO", help="Who publishes it. Default: the system's user.", callback=utf8)
    ] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why.", callback=utf8)] = "",
    rejected: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write each layer's rejected rows there as CSV, with reasons.")
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Update by id instead of replacing the layer.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; keep nothing.")] = False,
    json: Json = False,
    user: User = None,
) -> None:
    """Load files. Each layer of a file becomes a new version; exit 1 when nothing loaded."""
    if layer is not None and len(paths) > 1:
        raise typer.BadParameter(
            f'found {len(paths)} files for the one layer "{layer}"; expected one file.', param_hint="--layer"
        )
    moment = parse_moment("--as-of", as_of)
    from loaders.drafting import IngestOptions

    options = IngestOptions(
        kind=_known_kind(kind),
        layer=layer,
        source=source,
        as_of=moment,
        marking=_known_marking(marking),
        mapping=None if mapping is None else read_mapping(mapping),
        crs=crs,
        by=by,
        note=note,
    )
    entries = ingest_files(open_store(user), paths, options, merge=merge, dry_run=dry_run, rejected=rejected)
    print_entries(entries, json=json, dry_run=dry_run)
    if not any(loaded(entry, dry_run=dry_run) for entry in entries):
        raise typer.Exit(1)


def ingest_files(
    access: Access,
    paths: Sequence[Path],
    options: IngestOptions,
    *,
    merge: bool = False,
    dry_run: bool = False,
    rejected: Path | None = None,
) -> list[dict[str, Any]]:
    """One entry for each layer of each file, as the contract of the command line has it.

    A file that is refused, or fails unexpectedly, does not stop the others. Areas and
    towns are published before what is placed by them, whatever the order of the files.
    On a dry run the store checks each publication as ever and keeps none.
    """
    access = access.rehearsing() if dry_run else access
    found = [one for path in paths for one in _inspected(access, path, options)]
    order = sorted(
        range(len(found)), key=lambda i: PLACES_FIRST.get(getattr(found[i][1], "kind", ""), len(PLACES_FIRST))
    )
    entries: dict[int, dict[str, Any]] = {}
    published: set[str] = set()
    for i in order:
        path, draft = found[i]
        if isinstance(draft, Exception):
            entries[i] = _entry(path, Report(), findings=[refused(draft, path)])
            continue
        try:
            entries[i] = _ingest_draft(
                access, path, draft, options, published, merge=merge, dry_run=dry_run, rejected=rejected
            )
        finally:
            _forget(draft, access)
    return [entries[i] for i in range(len(found))]


def loaded(entry: dict[str, Any], *, dry_run: bool = False) -> bool:
    """Whether an entry stands for a layer that is in the store, or on a dry run would be."""
    refused = any(finding["severity"] == "refused" for finding in entry["findings"])
    return entry["version"] is not None or (dry_run and entry["records"] > 0 and not refused)


def _inspected(access: Access, path: Path, options: IngestOptions) -> list[tuple[Path, Draft | Exception]]:
    """The drafts of a file, or why there are none."""
    from loaders.ingest import inspect

    try:
        _expect_file(path)
        return [(path, draft) for draft in inspect(path, access, options)]
    except Exception as error:
        return [(path, error)]


def _forget(draft: Draft, access: Access) -> None:
    from loaders.ingest import discard

    discard(draft, access)


def _expect_file(path: Path) -> None:
    try:
        folder = path.is_dir()
    except OSError as error:  # a name longer than the system takes, for one
        raise UnreadableFile(
            str(path), error.strerror or str(error), "a file", "Correct the name of the file."
        ) from error
    if folder:
        raise UnreadableFile(str(path), "a folder", "a file", f"Name its files, for example {path / '*'}.")


def _ingest_draft(
    access: Access,
    path: Path,
    draft: Draft,
    options: IngestOptions,
    published: set[str],
    *,
    merge: bool,
    dry_run: bool,
    rejected: Path | None,
) -> dict[str, Any]:
    from loaders.ingest import changes, publish, review, seen_anew

    unread = Report(rows_in=draft.rows, rows_rejected=draft.rows, findings=draft.findings)
    report, version, kind = unread, None, draft.kind or None
    findings: list[Finding] = []
    change = None
    try:
        draft = seen_anew(draft, access)  # an earlier file of this command may have been of this layer
        reviewed = review(draft, access)
        if rejected is not None:
            _write_rejected(rejected, draft, reviewed, access)
        report, kind, base = reviewed.report, reviewed.kind.id, draft.base
        change = changes(draft, access, reviewed, merge=merge)
        obstacle = _obstacle(path, draft, report, published, merge=merge)
        if obstacle is not None:
            findings.append(obstacle)
        else:
            confirmed = options.kind is not None or options.mapping is not None
            info = publish(
                draft, access, reviewed, base=base, by=options.by, note=options.note, merge=merge, confirmed=confirmed
            )
            version = None if dry_run else info.version
            published.add(draft.layer)
            findings += _kept(draft, kind, info, base)
    except Exception as error:
        findings.append(refused(error, path))
    return _entry(path, report, draft, kind=kind, version=version, findings=findings, change=change)


def _write_rejected(folder: Path, draft: Draft, reviewed: Review, access: Access) -> None:
    """The rejected rows of a layer, columns about people included: for their sender, and kept nowhere else."""
    from loaders.aside import with_aside
    from loaders.returned import as_csv

    if reviewed.rejected.empty:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{draft.layer}-rejected.csv"
    path.write_bytes(b"".join(as_csv([with_aside(reviewed.rejected, draft.id, access.home)])))
    say(f"{path}: {len(reviewed.rejected):,} rejected rows with their reasons.")


def _obstacle(path: Path, draft: Draft, report: Report, published: set[str], *, merge: bool) -> Finding | None:
    """Why a draft that could be read is not published all the same."""
    if report.records == 0:
        return Finding(
            "no_records",
            "refused",
            f"{path.name}: no row could be made a record, so the layer is left as it was.",
            found=f"{report.rows_in} rows, {report.rows_rejected} rejected",
            remedy="Correct the rows, or say with --kind and --mapping what they are.",
        )
    if draft.layer in published and not merge:
        return Finding(
            "layer_twice",
            "refused",
            f'{path.name}: "{draft.layer}" was loaded from another file just now, and would be replaced.',
            found=f'a second layer "{draft.layer}"',
            remedy="Load this file by itself with --layer NAME, or add it to the layer with --merge.",
        )
    return None


def _kept(draft: Draft, kind: str, info: LayerInfo, base: int | None) -> list[Finding]:
    """What the store kept of the version before, instead of what came in."""
    from layers.kinds import kind_of
    from layers.marking import Marking

    findings = []
    if info.version == base:
        findings.append(
            Finding("unchanged", "info", f'"{draft.layer}" holds these rows already: version {base} stays.')
        )
    asked = draft.marking if draft.marking is not None else Marking.of(kind_of(kind).default_marking)
    if info.marking > asked:
        findings.append(
            Finding(
                "marking_kept",
                "info" if draft.marking is None else "warning",
                f'"{draft.layer}" stays {info.marking.label}, as it was: a marking is not lowered by a new version.',
                field="marking",
                found=asked.label,
                remedy="Only the originator lowers a marking: load the rows as another layer when it has.",
            )
        )
    return findings


def refused(error: Exception, path: Path) -> Finding:
    """A refusal as a finding of the file; a failure that nobody expected too, with a reference.

    This is where unexpected failures of one file end, so that the account of the others
    is printed; the trace goes to the log (standard error) under the same reference.
    """
    if isinstance(error, OverlayError):
        return Finding(error.code, "refused", str(error), found=error.found, remedy=error.remedy)
    reference, failure = secrets.token_hex(3), type(error).__name__
    LOG.error("%s could not be loaded, reference %s", path, reference, exc_info=error)
    return Finding(
        "unexpected_failure",
        "refused",
        f"{path.name}: the file could not be loaded for a fault of Overlay ({failure}, reference {reference}).",
        found=failure,
        remedy=f"Report it with the reference {reference} and the trace on standard error.",
    )


def _entry(
    path: Path,
    report: Report,
    draft: Draft | None = None,
    *,
    kind: str | None = None,
    version: int | None = None,
    findings: Sequence[Finding] = (),
    change: Difference | None = None,
) -> dict[str, Any]:
    account = report.as_dict()
    account["findings"] += [finding.as_dict() for finding in findings]
    if change is not None:
        account["changes"] = {name: len(getattr(change, name)) for name in ("added", "changed", "withdrawn")}
    return {
        "file": str(path),
        "source": draft.source or None if draft else None,
        "confidence": draft.confidence if draft else None,
        "kind": kind,
        "layer": draft.layer if draft else None,
        "version": version,
        **account,
    }


def print_entries(entries: list[dict[str, Any]], *, json: bool, dry_run: bool) -> None:
    """The account of every file: one document, or a table and the weightiest findings."""
    if json:
        print_json({"files": entries})
        return
    columns = ("file", "layer", "kind", "version", "rows_in", "rows_ok", "rows_repaired", "rows_rejected", "records")
    print_table([{**entry, "file": Path(entry["file"]).name} for entry in entries], columns)
    for entry in entries:
        _print_findings(entry["findings"])
        if change := entry.get("changes"):
            say(f"{entry['layer']}: {', '.join(f'{count:,} {word}' for word, count in change.items())}.")
    if dry_run:
        say("Dry run: nothing was kept.")


def _print_findings(findings: list[dict[str, Any]]) -> None:
    """The weightiest first; of those with one code the first, and how many more there are."""
    alike = Counter((finding["severity"], finding["code"]) for finding in findings)
    first = {(finding["severity"], finding["code"]): finding["message"] for finding in reversed(findings)}
    for severity, code in sorted(alike, key=lambda key: ORDER.index(key[0])):
        more = alike[severity, code] - 1
        say(f"{severity}: {first[severity, code]}" + (f" ({more} more like it: use --json)" if more else ""))


def read_mapping(path: Path) -> dict[str, str]:
    """Column -> field, from a JSON file.

    Raises
    ------
    UnreadableFile
        When it is not a JSON object of texts.
    """
    import json

    try:
        mapping = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            str(path),
            str(getattr(error, "strerror", None) or error),
            "a JSON file",
            'Write {"column of the file": "our field"}.',
        ) from error
    if not (isinstance(mapping, dict) and all(isinstance(value, str) for value in mapping.values())):
        raise UnreadableFile(
            str(path), "JSON of another form", "an object of texts", 'Write {"column of the file": "our field"}.'
        )
    return mapping


def _known_kind(kind: str | None) -> str | None:
    from layers.kinds import kind_of

    return None if kind is None else kind_of(kind).id


def _known_marking(text: str | None) -> Marking | None:
    from layers.marking import Marking

    try:
        return None if text is None else Marking.of(text)
    except KeyError:
        labels = ", ".join(marking.label for marking in Marking)
        raise typer.BadParameter(f'found "{text}"; expected one of {labels}.', param_hint="--marking") from None
