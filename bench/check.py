"""How many requests and seconds all static facts of a cloud cost, over a fake cloud that answers after a delay.

    python bench/check.py [RUNS]

Compares fetching concurrently, as `allmende check` does, with one fact after the other, and prints the ratio. A real
cloud takes 20 to 200 ms for a request; 0 ms shows our own share.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import open_cloud
from allmende.collect.collector import collectors
from allmende.collect.visit import observe
from allmende.outcome import Unavailable
from allmende.standards.load import load_standards
from allmende.testing.openstack import FakeOpenStack

NOW = datetime(2026, 11, 23, tzinfo=UTC)
READING = [each.fact for each in collectors().values() if not each.manner.creates and not each.manner.is_heavy]
DELAYS_MS = (0, 50, 200)


async def fetched(clouds_yaml: Path, limits: Limits, *, concurrently: bool) -> tuple[float, int]:
    """Return the seconds and requests of one run, token included."""
    began = time.perf_counter()
    async with await open_cloud("fake", environ={}, limits=limits, config_files=[clouds_yaml]) as cloud:
        if concurrently:
            facts = await asyncio.gather(*(observe(kind, cloud, NOW) for kind in READING))
        else:
            facts = [await observe(kind, cloud, NOW) for kind in READING]
        assert not any(isinstance(fact, Unavailable) for fact in facts)
        return time.perf_counter() - began, cloud.requests


def median(clouds_yaml: Path, limits: Limits, runs: int, *, concurrently: bool) -> tuple[float, int]:
    results = [asyncio.run(fetched(clouds_yaml, limits, concurrently=concurrently)) for _ in range(runs)]
    return statistics.median(seconds for seconds, _ in results), results[0][1]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    standards = load_standards()
    print(f"{'delay':>7} {'requests':>9} {'concurrently':>13} {'one by one':>11} {'ratio':>6}")
    for delay in DELAYS_MS:
        with (
            FakeOpenStack.conformant(standards, NOW, delay_seconds=delay / 1000) as fake,
            tempfile.TemporaryDirectory() as folder,
        ):
            files = fake.write_clouds_yaml(Path(folder))
            together, requests = median(files, Limits(), runs, concurrently=True)
            apart, _ = median(files, Limits(concurrent=1), runs, concurrently=False)
        print(f"{delay:4} ms {requests:9} {together:11.3f} s {apart:9.3f} s {apart / together:6.1f}")


if __name__ == "__main__":
    main()
