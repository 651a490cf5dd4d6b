"""How long the command line takes to answer, as a whole process.

    python bench/cli.py [RUNS]

Prints the median of each command and its ratio to an empty Python process of the same run.
Aim: `allmende --help` within 0.2 s.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import typer'": [sys.executable, "-c", "import typer"],
    "allmende --help": [str(BIN / "allmende"), "--help"],
    "allmende check --help": [str(BIN / "allmende"), "check", "--help"],
    "allmende standards list": [str(BIN / "allmende"), "standards", "list"],
}


def seconds(argv: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, argv in COMMANDS.items():
            times[name].append(seconds(argv))
    base = statistics.median(times["python -c pass"])
    print(f"{'command':28} {'median s':>9} {'min':>7} {'max':>7} {'x empty':>8}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:28} {median:9.3f} {min(values):7.3f} {max(values):7.3f} {median / base:8.1f}")


if __name__ == "__main__":
    main()
