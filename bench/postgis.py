"""PostGIS on this machine, for the benches alone: a cluster in a temporary folder, on a socket.

Run as a command, it makes sure that PostGIS is there: Debian's packages, when root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg

from bench.worlds import Points

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
CONTROL = Path("/usr/share/postgresql/15/extension/postgis.control")
PACKAGES = ("postgresql", "postgresql-15-postgis-3")
MEMORY = "-c shared_buffers=2GB -c work_mem=256MB -c maintenance_work_mem=512MB -c max_wal_size=4GB -c fsync=off"
COUNT = """
SELECT a.id, count(i.id), coalesce(sum(i.weight), 0)
FROM activities a LEFT JOIN incidents i ON ST_DWithin(i.place, a.place, %s)
GROUP BY a.id ORDER BY a.id
"""


def missing() -> str | None:
    """Why there is no PostGIS here; None where there is."""
    if not (PROGRAMS / "initdb").exists() or not CONTROL.exists():
        return "Debian's postgresql-15-postgis-3 is not installed"
    return None


def install() -> None:
    """Install Debian's packages, where this machine allows it."""
    if missing() is None or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)


@contextmanager
def served() -> Iterator[psycopg.Connection]:
    """A database with PostGIS, stopped and taken away at the end. PostgreSQL refuses root: it runs as postgres."""
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="overlay-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user, user)

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [PROGRAMS / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder, user=user
            )

        data, log = str(folder / "data"), str(folder / "log")
        run("initdb", "--auth=trust", "--username=postgres", "--pgdata", data)
        run("pg_ctl", "--wait", "--pgdata", data, "--log", log, "start", "--options",
            f"-k {folder} -c listen_addresses='' {MEMORY}")  # fmt: skip
        try:
            with psycopg.connect(host=name, user="postgres", autocommit=True) as connection:
                connection.execute("CREATE EXTENSION postgis")
                yield connection
        finally:
            run("pg_ctl", "--wait", "--pgdata", data, "--mode", "fast", "stop")


def load(connection: psycopg.Connection, table: str, points: Points) -> float:
    """Fill a table with places on the ellipsoid and their GiST index; the seconds that it took."""
    start = time.perf_counter()
    rows = pd.DataFrame(
        {"id": np.arange(len(points.lon)), "lon": points.lon, "lat": points.lat, "weight": points.weight}
    )
    connection.execute(f"DROP TABLE IF EXISTS {table}, raw")
    connection.execute("CREATE UNLOGGED TABLE raw (id integer, lon float8, lat float8, weight float8)")
    with connection.cursor().copy("COPY raw FROM STDIN (FORMAT csv)") as copy:
        copy.write(rows.to_csv(index=False, header=False))
    connection.execute(
        f"CREATE UNLOGGED TABLE {table} AS"  # noqa: S608 - the bench's own names
        " SELECT id, weight, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography AS place FROM raw"
    )
    connection.execute(f"CREATE INDEX ON {table} USING gist (place)")
    connection.execute(f"ANALYZE {table}")
    return time.perf_counter() - start


def count(connection: psycopg.Connection, radius_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts and weighted sums of the incidents around each activity."""
    rows = connection.execute(COUNT, [radius_m]).fetchall()
    return np.array([r[1] for r in rows]), np.array([r[2] for r in rows])


if __name__ == "__main__":
    install()
    reason = missing()
    print(f"PostGIS: {reason}" if reason else "PostGIS: there")
    sys.exit(0)
