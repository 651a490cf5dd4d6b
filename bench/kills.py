"""Kill checks at random moments on a real cloud, clean up after each, and see that nothing of ours is left.

    OS_CLIENT_CONFIG_FILE=clouds.yaml python bench/kills.py CLOUD [RUNS] [SEED]

Things of the project's own user (a volume, a network, a secret, an image, a group, some with names like ours) are there
before; all of them must be there, unchanged, after every cleanup. Prints a line a run and exits with 1 when anything of
ours stayed or anything else is gone.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from allmende.clouds.kinds import KINDS
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.errors import CloudError

TESTCASES = ("scs-0101-*", "scs-0116-*", "scs-0117-*", "scs-0123-swift-s3")
LATEST_SECONDS = 30.0
NEIGHBOURS: tuple[tuple[str, dict[str, object]], ...] = (
    ("volume", {"size": 1}),
    ("network", {}),
    ("security group", {}),
    ("image", {"disk_format": "raw", "container_format": "bare", "visibility": "private"}),
    ("secret", {"payload": "mine", "payload_content_type": "text/plain", "secret_type": "opaque"}),
)
NAMES = ("precious", "allmende-0123456789ab", "allmende-of-the-village-volume")
Things = frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One killed run: after how long, what the kill left, what cleanup left, and what of others is gone."""

    seconds: float
    left_by_kill: int
    cleanup_seconds: float
    left: Things
    gone: Things


async def things(cloud: OpenStackCloud) -> Things:
    """Return everything in the project that any kind of ours could be, by kind, name and identifier."""
    found = set()
    for kind in KINDS.values():
        if not kind.plural or kind.service not in ("compute", "block-storage", "image", "network", "key-manager"):
            continue
        for row in await cloud.items(kind.service, kind.path, kind.plural):
            thing = kind.unwrapped(row)
            found.add((kind.name, str(thing.get(kind.name_key)), kind.identifier(thing)))
    credentials = (await cloud.request("identity", "GET", "/credentials")).object()["credentials"]
    return frozenset(found | {("credential", row["type"], row["id"]) for row in credentials})


async def neighbours(cloud: OpenStackCloud) -> None:
    for name, (kind, wish) in zip(NAMES * 2, NEIGHBOURS, strict=False):
        of_kind = KINDS[kind]
        described: dict[str, object] = {**wish, "name": name}
        await cloud.request(of_kind.service, "POST", of_kind.path, json=of_kind.wrapped(described))


async def without_neighbours(cloud: OpenStackCloud) -> None:
    for kind, name, identifier in await things(cloud):
        if name in NAMES:
            await KINDS[kind].remove(cloud, KINDS[kind], identifier)


def killed(name: str, environ: dict[str, str], seconds: float) -> None:
    words = [sys.executable, "-m", "allmende", "check", name]
    words += [word for testcase in TESTCASES for word in ("--only", testcase)]
    with subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        time.sleep(seconds)
        run.send_signal(signal.SIGKILL)


def cleaned(name: str, environ: dict[str, str]) -> tuple[int, float]:
    """Return how many things cleanup removed, and how long it took."""
    began = time.monotonic()
    words = [sys.executable, "-m", "allmende", "cleanup", name, "--json"]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n")
    return len(json.loads(done.stdout)["things"]), time.monotonic() - began


async def one_round(cloud: OpenStackCloud, environ: dict[str, str], before: Things, seconds: float) -> Round:
    await asyncio.to_thread(killed, cloud.name, environ, seconds)
    removed, took = await asyncio.to_thread(cleaned, cloud.name, environ)
    after = await things(cloud)
    return Round(seconds=seconds, left_by_kill=removed, cleanup_seconds=took, left=after - before, gone=before - after)


async def main() -> int:
    name, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50
    chance = random.Random(sys.argv[3] if len(sys.argv) > 3 else "kills")
    bad = total = 0
    with tempfile.TemporaryDirectory() as state:
        environ = {**os.environ, "XDG_STATE_HOME": state}
        async with await open_cloud(name, environ=os.environ) as cloud:
            await neighbours(cloud)
            try:
                before = await things(cloud)
                for number in range(1, runs + 1):
                    done = await one_round(cloud, environ, before, chance.uniform(0.3, LATEST_SECONDS))
                    total += done.left_by_kill
                    bad += bool(done.left or done.gone)
                    words = f"killed after {done.seconds:5.1f} s, {done.left_by_kill:2} things removed"
                    print(f"{number:3}  {words} in {done.cleanup_seconds:5.1f} s", flush=True)
                    for what, found in (("LEFT", done.left), ("GONE", done.gone)):
                        for thing in sorted(found):
                            print(f"     {what} {' '.join(thing)}", flush=True)
            finally:
                try:
                    await without_neighbours(cloud)
                except CloudError as error:
                    print(f"neighbours are still there: {error}")
        journals = list((Path(state) / "allmende/leases").glob("*"))
    print(
        f"{runs} runs killed, {total} things removed, {bad} runs with something left or gone, {len(journals)} journals"
    )
    return 1 if bad or journals else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
