"""Seconds, memory and disk of a reference cloud: from an empty state, a second start, a stop. Needs root.

    python bench/refcloud.py [core|api]

Packages, the environment of OpenStack, the template of the databases and guest images are made first where they are
missing, and not counted. Figures say what this machine did beside everything else that ran on it: the load is printed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NAME = "bench"
MIB = 1024**2


def allmende(state: Path, *words: str) -> tuple[float, str]:
    """Run a command; return its seconds and what it printed."""
    began = time.perf_counter()
    environ = {**os.environ, "XDG_STATE_HOME": str(state)}
    done = subprocess.run(
        [sys.executable, "-m", "allmende", "cloud", *words, "--name", NAME],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return time.perf_counter() - began, done.stdout


def size(folder: Path) -> float:
    """Return the MiB that a folder takes on disk."""
    done = subprocess.run(["du", "--summarize", "--bytes", str(folder)], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0]) / MIB


UP = ("up", "--no-published-images")


def show(what: str, seconds: float) -> None:
    print(f"{what:40} {seconds:7.1f} s   (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)")


def show_memory(status: dict[str, Any]) -> None:
    for unit in sorted(status["units"], key=lambda unit: -unit["memory_bytes"]):
        print(f"  {unit['unit']:38} {unit['memory_bytes'] / MIB:7.0f} MiB")
    print(f"{'memory, all units':40} {status['memory_bytes'] / MIB:7.0f} MiB")


def main() -> None:
    profile = sys.argv[1] if len(sys.argv) > 1 else "core"
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        state = Path(folder)
        try:
            allmende(state, *UP, "--profile", profile)
            allmende(state, "destroy", "--yes")
            show("empty state → answering and furnished", allmende(state, *UP, "--profile", profile)[0])
            show("up on a running cloud", allmende(state, *UP)[0])
            show("stop", allmende(state, "down")[0])
            show("second start", allmende(state, *UP)[0])
            show_memory(json.loads(allmende(state, "status", "--json")[1]))
            print(f"{'disk, state of the cloud':40} {size(state):7.0f} MiB")
        finally:
            allmende(state, "destroy", "--yes")


if __name__ == "__main__":
    main()
