"""Past one process: incidents in GeoParquet parts counted near 10,000 activities, 2 workers against 1."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from analysis.partitions import Questions, Tally, count_part, merged
from analysis.proximity import PointIndex
from bench.timing import Figure, median_of
from bench.worlds import clustered
from commands.cluster import local_workers
from store.parts import Part, parts_of, read_points

POINTS, EACH, ACTIVITIES = 20_000_000, 1_000_000, 10_000
RADII_M = np.array([5_000.0, 10_000.0, 25_000.0])
FIRST_STREAM = 100
RUNS = 3


def write_parts(folder: Path, points: int) -> list[Part]:
    """Seeded GeoParquet files of a million points, each as the store would write it."""
    for number in range(-(-points // EACH)):
        frame = clustered(min(EACH, points - number * EACH), FIRST_STREAM + number).frame()
        frame.to_parquet(folder / f"{number:04d}.parquet", index=False, compression="zstd")
    return [part for file in sorted(folder.glob("*.parquet")) for part in parts_of(file)]


def here(parts: list[Part], asked: Questions) -> Tally:
    """The same in this process, part by part."""
    read = (read_points(part, "weight") for part in parts)
    return merged(count_part(PointIndex(p.lon, p.lat), asked, p.weights) for p in read)


def run(points: int = POINTS, runs: int = RUNS) -> list[Figure]:
    """Seconds of both, reading included, and whether all three answers are identical."""
    activities = clustered(ACTIVITIES, 2)
    asked = Questions(activities.lon, activities.lat, RADII_M)
    with tempfile.TemporaryDirectory(prefix="overlay-bench-") as folder:
        parts = write_parts(Path(folder), points)
        megabytes = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        alone, answer = median_of(lambda: here(parts, asked), runs)
        seconds, answers = {}, [answer]
        for workers in (1, 2):
            with local_workers(workers) as crew:
                crew.count_files(parts, asked, "weight")  # then imports and compiled code are there
                seconds[workers], answer = median_of(lambda: crew.count_files(parts, asked, "weight"), runs)
                answers.append(answer)
    same = all((a.counts == answers[0].counts).all() and (a.units == answers[0].units).all() for a in answers)
    note = (
        f"beside it 1 worker; one process {alone:.2f} s; {megabytes:,.0f} MB read in {len(parts)} parts; "
        f"{answers[0].counts[:, -1].sum():,} pairs; {'identical to' if same else 'DIFFERS FROM'} one process"
        f"{''.join(f'; {said}' for said in answers[-1].limits)}"
    )
    name = f"Dask, {points / 1e6:g}M incidents x {ACTIVITIES:,} activities, 3 rings, reading included, 2 workers"
    return [Figure(name, seconds[2], seconds[1], "s", "at least 1.5x one worker", note)]


if __name__ == "__main__":
    for figure in run(*(int(float(argument)) for argument in sys.argv[1:])):
        print(f"{figure.name}: {figure.ours:.2f} s, {figure.naive:.2f} s, ratio {figure.ratio:.2f}; {figure.note}")
