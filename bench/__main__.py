"""``python -m bench [NAME ...]``: the speed and memory figures, measured side by side.

Without names all benches run and the table in bench/README.md is written anew.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import (
    cluster,
    first_map,
    footprint,
    growth,
    loading,
    near_activities,
    page_rerun,
    play,
    reach,
    tiles,
    window,
)
from bench.timing import Figure

BENCHES: tuple[tuple[str, Callable[[], list[Figure]]], ...] = (
    ("risk", near_activities.run),
    ("window", window.run),
    ("growth", growth.run),
    ("coverage", reach.run),
    ("tiles", tiles.run),
    ("loading", loading.run),
    ("cluster", cluster.run),
    ("memory", footprint.memory),
    ("import", footprint.imports),
    ("page", page_rerun.run),
    ("map", first_map.run),
    ("play", play.run),
)
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures begin -->", "<!-- figures end -->"
PACKAGES = ("numpy", "numba", "scipy", "shapely", "pyproj", "geopandas", "pandas", "duckdb", "streamlit")


def machine() -> str:
    """Cores, memory, Python and the packages that matter."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    day = datetime.now(UTC).date().isoformat()
    return (
        f"Measured {day} on {os.cpu_count()} cores ({platform.machine()}), {gigabytes:.0f} GB, "
        f"Python {platform.python_version()}; {packages}."
    )


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | ours | naive geopandas | ratio | others | asked for | note |", "|---|---|---|---|---|---|---|"]
    for f in figures:
        naive = "" if f.naive is None else shown(f.naive, f.unit)
        ratio = "" if f.ratio is None else f"{f.ratio:.1f}x"
        lines.append(f"| {f.name} | {shown(f.ours, f.unit)} | {naive} | {ratio} | {others(f)} | {f.bar} | {f.note} |")
    return "\n".join(lines)


def shown(value: float, unit: str) -> str:
    """A figure with its unit; short times to a tenth of a millisecond."""
    return f"{value:,.0f} MB" if unit == "MB" else f"{value:,.{2 if value >= 0.1 else 4}f} {unit}"


def others(figure: Figure) -> str:
    """What others took and how many times as long that is, or why they were not tried."""
    said = (
        f"{name} {value if isinstance(value, str) else f'{shown(value, figure.unit)} ({value / figure.ours:.1f}x)'}"
        for name, value in figure.others.items()
    )
    return "; ".join(said)


def main(names: list[str]) -> int:
    """Run the benches named, or all."""
    known = dict(BENCHES)
    unknown = [n for n in names if n not in known]
    if unknown:
        print(f"no bench {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    figures = []
    for name in names or known:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += known[name]()
    print(machine(), table(figures), sep="\n\n")
    if not names:
        text = README.read_text()
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        README.write_text(f"{before}{BEGIN}\n{machine()}\n\n{table(figures)}\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
