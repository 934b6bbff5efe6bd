"""A worker that loads its libraries once, and forks for each job that it is told: for the hostile set alone.

Each fork limits itself, walls itself in and reads one file, as a worker of its own does.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import pyarrow.parquet
import shapely

from loaders import reader
from loaders.drivers import import_pyogrio
from loaders.sandbox import SAID
from loaders.worker import main

LOADED = (pyarrow.parquet, shapely, reader, import_pyogrio())


def fork(job: str) -> int:
    """The exit code of a child that does one job."""
    child = os.fork()
    if not child:
        said = os.open(Path(job).parent / SAID, os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.chdir(Path(job).parent)
        os.environ["TMPDIR"] = str(Path(job).parent)
        try:
            code = main(job)
        except BaseException:
            traceback.print_exc()
            code = 1
        os._exit(code)
    print(child, flush=True)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


for line in sys.stdin:
    print(fork(line.strip()), flush=True)
