"""Loading: 1,000,000 rows of ACLED's shape as CSV, 1,000,000 points as GeoJSON, by jobs, the whole way in."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from bench.timing import Figure, in_child
from bench.worlds import SEED, clustered

ROWS = 1_000_000
HEADER = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)
COLUMNS = HEADER.split(",")
KINDS = (
    ("Political violence", "Battles", "Armed clash"),
    ("Political violence", "Violence against civilians", "Attack"),
    ("Political violence", "Violence against civilians", "Abduction/forced disappearance"),
    ("Political violence", "Explosions/Remote violence", "Remote explosive/landmine/IED"),
    ("Demonstrations", "Protests", "Peaceful protest"),
    ("Strategic developments", "Strategic developments", "Looting/property destruction"),
)
STORY = (
    "armed men attacked the village at dawn and took cattle, food and a motorcycle; residents fled towards the river"
    " while soldiers of the garrison arrived hours later, no one was held to account for the incident said a local"
    " source près de l'église where displaced people had gathered after the market of the previous day"
)
WORDS = STORY.split()
FIRST_DAY, FIRST_SECOND = date(2018, 1, 1), 1_514_764_800


def acled_csv(path: Path, rows: int) -> None:
    """Write a CSV of ACLED's shape, seeded; a tenth of the cells with commas, as notes have them."""
    rng = np.random.default_rng([SEED, 10])
    points = clustered(rows, 10)
    kind, town, actor = rng.integers(0, len(KINDS), rows), rng.integers(0, 400, rows), rng.integers(0, 60, (rows, 2))
    day, length, dead = rng.integers(0, 2900, rows), rng.integers(8, 22, rows), rng.poisson(0.4, rows)
    start = rng.integers(0, len(WORDS), rows)
    days = [(FIRST_DAY + timedelta(days=i)).isoformat() for i in range(2900)]
    text = WORDS * 2
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for i in range(rows):
            disorder, event, sub = KINDS[kind[i]]
            when, place = days[day[i]], town[i]
            # Written down within the fortnight that follows.
            entered = FIRST_SECOND + 86_400 * (int(day[i]) + 1 + i % 14) + i % 86_400
            notes = f"On {when}, near Town {place}, {' '.join(text[start[i] : start[i] + length[i]])} ({i})."
            writer.writerow(
                [
                    *(f"XXX{i}", when, when[:4], 1, disorder, event, sub, f"Armed group {actor[i, 0]}", ""),
                    *(
                        "Rebel group",
                        f"Militia {actor[i, 1]}",
                        "",
                        "Political militia",
                        "Rebel group-Political militia",
                    ),
                    *("", 140, "Middle Africa", "Central Africa", f"Province {place % 17}", f"District {place % 71}"),
                    *("", f"Town {place}", f"{points.lat[i]:.4f}", f"{points.lon[i]:.4f}", 1, "Local source"),
                    *("Subnational", notes, dead[i], "", entered),
                ]
            )


def points_geojson(path: Path, rows: int) -> None:
    """Write about 200 bytes a feature."""
    rng = np.random.default_rng([SEED, 11])
    points, kind, dead = clustered(rows, 11), rng.integers(0, len(KINDS), rows), rng.poisson(0.4, rows)
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type":"FeatureCollection","features":[\n')
        for i in range(rows):
            day = (FIRST_DAY + timedelta(days=i % 2900)).isoformat()
            properties: dict[str, object] = {"event_id": f"E{i}", "event_date": day, "event_type": KINDS[kind[i]][1]}
            properties |= {"actor1": f"Armed group {i % 60}", "fatalities": int(dead[i])}
            geometry = {"type": "Point", "coordinates": [round(points.lon[i], 5), round(points.lat[i], 5)]}
            feature = {"type": "Feature", "properties": properties, "geometry": geometry}
            stream.write(json.dumps(feature, separators=(",", ":")) + (",\n" if i < rows - 1 else "\n]}"))


# A plain process that does as the app does: it starts jobs and looks how far they are.
INGEST = """
import json, shutil, sys, time
from pathlib import Path
import store.access
from loaders.ingest import load_draft
from loaders.jobs import jobs, staging, start_inspect, start_publish
from store.records import Principal

def memory(process, name):
    return int(Path(f"/proc/{process}/status").read_text().split(name + ":")[1].split()[0]) / 1024

def peaks(found):
    # Highest so far of each process that came of this one, by what it is.
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\\0")
            kind = next(w for w in words if w in ("loaders.worker", "loaders.job"))
            found[kind] = max(found.get(kind, 0), memory(folder.name, "VmHWM"))
        except (OSError, StopIteration, IndexError):
            continue

def wait(job, found):
    while True:
        peaks(found)
        (now,) = [j for j in jobs(access) if j.id == job.id]
        if now.state != "running":
            if now.error:
                sys.exit(json.dumps(now.error))
            return now
        time.sleep(0.05)

path, home = Path(sys.argv[1]), Path(sys.argv[2])
access = store.access.open(home, as_=Principal("bench", frozenset({"operator"})))
upload = staging(access) / path.name
shutil.copyfile(path, upload)
before, found = memory("self", "VmRSS"), {}
start = time.perf_counter()
seen = wait(start_inspect(upload, access), found)
opened = time.perf_counter()
done = wait(start_publish(load_draft(access, seen.drafts[0]), access, note=""), found)
published = time.perf_counter()
print(json.dumps({
    "opened": opened - start, "published": published - opened, "rows": done.published["rows"],
    "growth": memory("self", "VmHWM") - before, "job": found.get("loaders.job", 0),
    "worker": found.get("loaders.worker", 0),
}))
"""

RECOGNISE = """
import time
start = time.perf_counter()
from loaders.recognise import recognise
from loaders.sources import Look
loaded = time.perf_counter()
look = Look(tuple({columns!r}), file="events.csv")
recognise(look)
print(loaded - start, time.perf_counter() - loaded)
"""

NAIVE_CSV = """
import time
start = time.perf_counter()
import geopandas as gpd, pandas as pd
table = pd.read_csv({path!r})
gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.longitude, table.latitude), crs=4326)
print(time.perf_counter() - start)
"""

NAIVE_GEOJSON = """
import time
start = time.perf_counter()
import geopandas as gpd
gpd.read_file({path!r})
print(time.perf_counter() - start)
"""


def run() -> list[Figure]:
    """Recognition alone, then both files the whole way in."""
    with tempfile.TemporaryDirectory(prefix="overlay-bench-") as folder:
        table, points = Path(folder) / "events.csv", Path(folder) / "points.geojson"
        acled_csv(table, ROWS)
        points_geojson(points, ROWS)
        loaded, recognised = map(float, in_child(RECOGNISE.format(columns=COLUMNS)).split())
        note = f"and {loaded:.2f} s to import it"
        return [
            Figure("Recognition of ACLED's columns", recognised, None, "s", "under 0.3 s", note),
            *_ingested("1M rows of ACLED's shape, CSV", table, NAIVE_CSV, "at most 10 s"),
            *_ingested("1M points, GeoJSON", points, NAIVE_GEOJSON, "at most 20 s"),
        ]


def _ingested(name: str, path: Path, naive: str, bar: str) -> list[Figure]:
    """One file the whole way in, by jobs, in a store of its own."""
    size = f"{path.stat().st_size / 1e6:,.0f} MB"
    plain = float(in_child(naive.format(path=str(path))))
    with tempfile.TemporaryDirectory(prefix="overlay-bench-") as home:
        said = json.loads(in_child(INGEST, str(path), home))
    note = (
        f"opened and checked {said['opened']:.1f} s, published {said['published']:.1f} s; {said['rows']:,} rows stored"
    )
    peaks = f"worker {said['worker']:,.0f} MB, job {said['job']:,.0f} MB"
    return [
        Figure(f"{name}, {size}: read, checked, stored", said["opened"] + said["published"], plain, "s", bar, note),
        Figure(f"{name}: most memory of a process", max(said["worker"], said["job"]), None, "MB", "2,000 MB", peaks),
        Figure(f"{name}: growth of the process that asks", said["growth"], None, "MB", "under 50 MB"),
    ]
