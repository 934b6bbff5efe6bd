"""Every hostile form again with each of its safeguards switched off: `python -m tests.hostile.torture`.

Writes docs/hostile.md, and ends with 1 when a form is not stopped. A form is stopped when
nothing is leaked, nothing is asked for, and it ends in time with a plain refusal or an
account of its rows.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from layers.errors import OverlayError
from layers.settings import PROJECT, Settings
from loaders import sandbox
from tests.hostile import form as safeguards
from tests.hostile import harness
from tests.hostile.all_forms import every_form
from tests.hostile.form import SECRET, Form

# What cannot be switched off: there is nothing that could be left out.
FIXED = (safeguards.SEPARATE, safeguards.TEXT)
SETTINGS = Settings(worker_seconds=6)
HANG_S = 20
ESCAPING = Lock()
PAGE = PROJECT / "docs" / "hostile.md"


@dataclass(frozen=True)
class Trial:
    """A form without some safeguards, and what became of it."""

    form: Form
    without: tuple[str, ...]
    harm: str  # empty when it was stopped


def trial(form: Form, without: tuple[str, ...]) -> Trial:
    """Open a form in a world of its own without these safeguards.

    What is written outside lies outside of every world: such forms wait for each other.
    """
    with ESCAPING if safeguards.UNPACKING in form.stopped_by else nullcontext(), _temporary() as folder:
        return _tried(form, without, folder)


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="overlay-torture-") as folder:
        yield Path(folder)


def _tried(form: Form, without: tuple[str, ...], folder: Path) -> Trial:
    with harness.world(folder) as world:
        path, began = world.write(form), time.monotonic()
        chosen = Settings(worker_seconds=HANG_S) if safeguards.CLOCK in without else SETTINGS
        harm = ""
        try:
            layers, _ = sandbox.read_in_sandbox(path, chosen, program=harness.weakened(frozenset(without)))
            cells = (str(cell) for layer in layers for column in layer.cells for cell in column[:1000])
            harm = "read the planted file" if any(SECRET in cell for cell in cells) else ""
        except OverlayError as error:
            harm = "read the planted file" if SECRET in str(error) else ""
        except Exception as error:
            harm = f"a trace: {type(error).__name__}"
        escaped = [f for f in world.leaked() if "escaped" in f] if safeguards.UNPACKING in form.stopped_by else []
        if world.canary.heard:
            harm = f"sent {world.canary.heard[0][:40]}"
        if escaped:
            harm = "wrote outside of its folder"
            for file in escaped:
                Path(file).unlink(missing_ok=True)
        if time.monotonic() - began >= HANG_S:
            harm = harm or "hung"
        return Trial(form, without, harm)


def switchable(form: Form) -> tuple[str, ...]:
    return tuple(name for name in form.stopped_by if name not in FIXED)


def trials() -> list[tuple[Form, tuple[str, ...]]]:
    """Each form as it is, without each safeguard, and without all of them."""
    wanted = []
    for form in every_form():
        names = switchable(form)
        wanted += [(form, ()), *((form, (name,)) for name in names)]
        if len(names) > 1:
            wanted.append((form, names))
    return wanted


def write_page(done: list[Trial]) -> str:
    """docs/hostile.md."""
    by_form: dict[str, list[Trial]] = defaultdict(list)
    for one in done:
        by_form[one.form.id].append(one)
    single = [trials[0].form for trials in by_form.values() if len(trials[0].form.stopped_by) == 1]
    broken = [one for one in done if one.harm and len(one.without) < 2]
    lines = [
        "# Hostile files",
        "",
        "Written by `make torture`, which opens every form of `tests/hostile` as it is, again with each of its"
        " safeguards switched off, and once with all of them off. A form is stopped when no planted file is read,"
        " nothing is asked for over the network, nothing is written outside, and it ends in time with a plain"
        " refusal or an account of its rows.",
        "",
        f"{len(by_form)} forms, {len(done)} trials; {len(broken)} not stopped with at most one safeguard off.",
        "",
        '"With all off" says what the form does to the same libraries without its safeguards: a blank means that'
        " today's libraries do not fall for it. `own process` (a crash ends the worker alone) and `text is only text`"
        " cannot be switched off; `own reader` off means that GDAL with all of its drivers opens the file instead.",
        "",
        "## Forms with one safeguard",
        "",
        f"{len(single)} forms. They are text that means something to a browser, a spreadsheet or a terminal: nothing"
        " has to be stopped while they are read, and they are kept as they are. The screen and the exports escape them,"
        " which is tested where that is done (`tests/dashboard/test_safe_text.py`, `tests/exports/test_csv.py`).",
        "",
        ", ".join(f"`{_shown(form.file)}`" for form in single),
        "",
    ]
    for family in dict.fromkeys(trials[0].form.family for trials in by_form.values()):
        lines += [f"## {family}", "", "| file | what it tries | stopped by | with all off |", "|---|---|---|---|"]
        for trials_ in by_form.values():
            form = trials_[0].form
            if form.family == family:
                lines.append(_line(form, trials_))
        lines.append("")
    return "\n".join(lines)


def _line(form: Form, trials: list[Trial]) -> str:
    failed = {one.without: one.harm for one in trials if one.harm}
    by = ", ".join(f"**{name} alone: {failed[(name,)]}**" if (name,) in failed else name for name in form.stopped_by)
    everything = next((one.harm for one in trials if len(one.without) > 1), "")
    return f"| `{_shown(form.file)}` | {form.attempt} | {by} | {everything} |"


def _shown(name: str) -> str:
    plain = "".join(c if c.isprintable() and c not in "|`<>" else "·" for c in name)
    return plain if len(plain) <= 40 else f"{plain[:40]}…"


def main() -> int:
    """Run all trials on two cores, write the page, say what was not stopped."""
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda wanted: trial(*wanted), trials()))
    PAGE.write_text(write_page(done), "utf-8")
    broken = [one for one in done if one.harm and len(one.without) < 2]
    for one in broken:
        print(f"{one.form.id}, without {', '.join(one.without) or 'nothing'}: {one.harm}")
    print(f"{len(done)} trials of {len({one.form.id for one in done})} forms, {len(broken)} not stopped; {PAGE}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
