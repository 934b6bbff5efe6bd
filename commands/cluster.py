"""Worker processes that count: on this machine (`--workers N`), or where a Dask scheduler listens (`--cluster`).

Points are sent to the workers once, in parts, and stay there as indexes; each question is
sent to all. What a worker held that died is made anew by another. Dask's processes trust
each other and whoever reaches their ports: local ones listen on the loopback address alone.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from analysis.partitions import Questions, Tally, count_part, counted_by, merged, split
from analysis.proximity import Floats, PointIndex
from commands.output import say
from layers.errors import WrongParameter
from store import Part, read_points

if TYPE_CHECKING:
    from distributed import Client, Future

MOST_WORKERS = 256
PARTS_EACH = 2
"""Parts for each worker: with more than one the quicker worker takes more."""
WAIT_SECONDS = 20
CONNECT_SECONDS = 5
"""Whoever listens answers at once or never; Dask would wait for the answer without an end."""

GONE_SECONDS = 10
"""Those who are at work may be slower to answer."""


@contextmanager
def local_workers(number: int) -> Iterator[Crew]:
    """So many worker processes on the loopback address, each on one core, ended with the block.

    Raises
    ------
    WrongParameter
        When the number is not from 1 to `MOST_WORKERS`.
    """
    if not 1 <= number <= MOST_WORKERS:
        raise WrongParameter("--workers", str(number), f"a whole number from 1 to {MOST_WORKERS}", "Correct it.")
    from distributed import Client, LocalCluster

    with (
        _dask_settings(),
        tempfile.TemporaryDirectory(prefix="overlay-workers-") as folder,
        LocalCluster(
            n_workers=number, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            local_directory=folder, silence_logs=logging.ERROR,
        ) as cluster,
        Client(cluster, timeout=CONNECT_SECONDS) as client,
    ):  # fmt: skip
        cores = sorted(os.sched_getaffinity(0))
        for n, worker in enumerate(client.scheduler_info(n_workers=-1)["workers"]):
            client.run(os.sched_setaffinity, 0, {cores[n % len(cores)]}, workers=[worker])
        yield Crew(client)


@contextmanager
def cluster_at(address: str) -> Iterator[Crew]:
    """The workers of a scheduler that the operator runs; they need this version of Overlay.

    Raises
    ------
    WrongParameter
        When the address is none, nobody answers there, or no worker is there.
    """
    check_address(address)
    from distributed import Client

    _silence_dask()
    try:
        asyncio.run(asyncio.wait_for(_greet(address), CONNECT_SECONDS))
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise _no_scheduler(f"nobody answering at {address}") from error
    except Exception as error:  # whoever answers is no scheduler, and may have said anything
        raise _no_scheduler(f"no scheduler at {address}") from error
    with _dask_settings(), client:
        try:
            client.wait_for_workers(1, timeout=WAIT_SECONDS)
        except TimeoutError as error:
            raise WrongParameter("--cluster", f"no worker at {address}", "at least one",
                                 "Start some with `dask worker ADDRESS`.") from error  # fmt: skip
        yield Crew(client)


async def _greet(address: str) -> None:
    """Exchange the first words of Dask's protocol with whoever listens at an address."""
    from distributed.comm import connect
    from distributed.security import Security

    greeted = await connect(address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
    await greeted.close()


def _silence_dask() -> None:
    """A scheduler that goes is refused in our words: Dask would print its traces beside them."""
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _no_scheduler(found: str) -> WrongParameter:
    return WrongParameter("--cluster", found, "the address of a Dask scheduler",
                          "Start it with `dask scheduler`, or correct the address.")  # fmt: skip


def _dask_settings() -> AbstractContextManager[Any]:
    """Parts travel within their tasks on purpose, however large; a scheduler that is gone is not waited for long."""
    import dask

    return dask.config.set(
        {"distributed.admin.large-graph-warning-threshold": "1TB", "distributed.comm.timeouts.connect": GONE_SECONDS}
    )


def check_address(address: str) -> None:
    """Refuse what is no address, and say so where points would travel to another machine in the clear.

    Raises
    ------
    WrongParameter
        Unless it is tcp://HOST:PORT or tls://HOST:PORT.
    """
    try:
        parts = urlsplit(address)
        named = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        named = None
    if not named:
        raise WrongParameter("--cluster", f'"{address}"', "tcp://HOST:PORT or tls://HOST:PORT", "Correct the address.")
    if parts.scheme == "tcp" and not _is_loopback(str(parts.hostname)):
        say(f"Places travel to {parts.hostname} unencrypted: use tls:// unless the network is the mission's own.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass
class Crew:
    """Workers that count for large indexes: a `Counter` of analysis.partitions.

    What is sent goes into the tasks themselves, so that the scheduler can have it done
    again when a worker dies: no answer is lost, and none is added twice.
    """

    client: Client
    _held: WeakKeyDictionary[PointIndex, list[tuple[slice, Future]]] = field(default_factory=WeakKeyDictionary)

    @property
    def workers(self) -> int:
        """How many there are now; none where the scheduler is gone."""
        return len(self.client.scheduler_info(n_workers=-1).get("workers", ()))

    def within(self, points: PointIndex, asked: Questions, weights: Floats | None) -> Tally:
        """As `PointIndex.within`, over all workers."""
        question = self._sent(asked)
        futures = [
            self.client.submit(count_part, part, question, None if weights is None else weights[run], pure=False)
            for run, part in self._parts(points)
        ]
        return merged(self._answers(futures))

    def count_files(self, parts: Sequence[Part], asked: Questions, weight: str | None = None) -> Tally:
        """Count the points of GeoParquet row groups that the workers read by themselves: they never come here.

        Rows that stand at no point are counted in ``left_out``; show ``limits`` beside the counts.
        """
        question = self._sent(asked)
        futures = [self.client.submit(_count_file, part, question, weight, pure=False) for part in parts]
        return merged(self._answers(futures))

    def _parts(self, points: PointIndex) -> list[tuple[slice, Future]]:
        """The runs of an index, each as an index that a worker holds; sent once."""
        if points not in self._held:
            runs = split(len(points), max(1, self.workers) * PARTS_EACH)
            self._held[points] = [
                (run, self.client.submit(PointIndex, points.lon[run], points.lat[run], pure=False)) for run in runs
            ]
        return self._held[points]

    def _sent(self, asked: Questions) -> Future:
        return self.client.submit(replace, asked, pure=False)

    def _answers(self, futures: Sequence[Future]) -> Iterator[Tally]:
        """What comes, in the order asked.

        Raises
        ------
        WrongParameter
            When no worker is left, several died of the same part, or the scheduler is gone.
        """
        from distributed import CancelledError, KilledWorker

        for future in futures:
            while True:
                try:
                    yield future.result(timeout=WAIT_SECONDS)
                    break
                except TimeoutError:  # still at work, unless nobody is
                    if self.workers:
                        continue
                    raise _refusal("no worker left", "at least one") from None
                except CancelledError as error:
                    raise _refusal("the scheduler gone", "one that stays") from error
                except KilledWorker as error:
                    raise _refusal("workers that died of one part, one after another", "workers that live") from error
            future.release()


def _refusal(found: str, expected: str) -> WrongParameter:
    return WrongParameter("--workers or --cluster", found, expected,
                          "Give the workers more memory or use more of them, and ask again.")  # fmt: skip


def _count_file(part: Part, asked: Questions, weight: str | None) -> Tally:
    read = read_points(part, weight)
    return replace(count_part(PointIndex(read.lon, read.lat), asked, read.weights), left_out=read.left_out)


@contextmanager
def counted_on(workers: int | None, cluster: str | None) -> Iterator[None]:
    """Have the large indexes of analyses counted by workers, within the block."""
    crew = cluster_at(cluster) if cluster is not None else local_workers(workers or 0)
    with crew as counter, counted_by(counter):
        yield
