"""A writer for `test_kill`: publishes until it is killed, and notes what was acknowledged."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import pandas as pd

import store
from layers.errors import StaleVersion
from layers.kinds import kind_of
from layers.schema import conform


def publish_forever(home: Path, notes: Path, seed: int) -> None:
    """Publish new rows over whatever is current; one line a version acknowledged."""
    kind, access, number = kind_of("other"), store.open(home, as_=store.OPERATOR), 0
    handle = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    while True:
        number += 1
        frame = conform(pd.DataFrame({"id": [f"{seed}-{number}-{row}" for row in range(200)]}), kind)
        base = access.layers()[0].version if access.layers() else None
        try:
            info = access.publish(store.Publication("layer", kind, frame, "us", date(2026, 1, 1)), base=base)
        except StaleVersion:
            continue
        os.write(handle, f"{info.version} {info.content_hash}\n".encode())


if __name__ == "__main__":
    publish_forever(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
