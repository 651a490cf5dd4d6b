#!/usr/bin/env python3
"""Runs inside a guest, by cloud-init: says on the console what the guest knows of its random numbers.

Needs nothing but the Python that cloud-init itself runs on (3.6 or later), and no network. Each line is written several
times with a checksum, because others write to the console at the same time.
"""

import json
import platform
import re
import shutil
import subprocess
import zlib
from collections import Counter
from pathlib import Path

MARK = "@MARK@"
BLOCKS = 1000
BYTES = 2500  # a block of 20,000 bits


def say(words: dict) -> None:  # type: ignore[type-arg]  # Python 3.6 knows no dict[...]
    """Write one line to the console, so that it can be told whether it came through whole."""
    text = json.dumps(words, sort_keys=True)
    line = f"\n{MARK} {zlib.crc32(text.encode()):08x} {text}\n"
    for _ in range(3):
        with Path("/dev/console").open("w") as console:
            console.write(line)


def first_line(path: str) -> str:
    """Return the first line of a file of the kernel, or in brackets why there is none."""
    try:
        return Path(path).read_text().splitlines()[0].strip()
    except OSError as error:
        return f"({error.strerror})"


def passes(block: bytes) -> bool:
    """FIPS 140-2, section 4.9.1 (as of 2001-10-10): monobit, poker, runs and long run over 20,000 bits."""
    bits = bin(int.from_bytes(b"\1" + block, "big"))[3:]
    digits = block.hex()
    poker = 16 / 5000 * sum(digits.count(digit) ** 2 for digit in "0123456789abcdef") - 5000
    if not (9725 < bits.count("1") < 10275 and 2.16 < poker < 46.17):
        return False
    limits = {1: (2315, 2685), 2: (1114, 1386), 3: (527, 723), 4: (240, 384), 5: (103, 209), 6: (103, 209)}
    for other in "01":
        runs = Counter(map(len, bits.split(other)))
        del runs[0]
        runs[6] = sum(runs[length] for length in runs if length >= 6)
        if max(runs) >= 26 or not all(low <= runs[length] <= high for length, (low, high) in limits.items()):
            return False
    return True


def tested() -> dict:  # type: ignore[type-arg]  # likewise
    """Return how many blocks were tested, how many failed, and by what."""
    program = shutil.which("rngtest", path="/usr/sbin:/usr/bin:/sbin:/bin")
    with Path("/dev/random").open("rb") as source:
        if program:
            done = subprocess.run([program, "-c", str(BLOCKS)], stdin=source, stderr=subprocess.PIPE, check=False)
            said = done.stderr.decode("ascii", "replace")
            good = re.search(r"FIPS 140-2 successes: (\d+)", said)
            bad = re.search(r"FIPS 140-2 failures: (\d+)", said)
            if good and bad:
                failures = int(bad.group(1))
                return {"blocks": int(good.group(1)) + failures, "failures": failures, "tested_by": "rngtest"}
        failures = sum(not passes(source.read(BYTES)) for _ in range(BLOCKS))
    return {"blocks": BLOCKS, "failures": failures, "tested_by": "a test in Python, as the guest has no rngtest"}


def main() -> None:
    """Say everything, and that it was everything."""
    rngd = subprocess.run(["systemctl", "is-active", "rngd", "rng-tools"], stdout=subprocess.PIPE, check=False)
    say(
        {
            "kernel": platform.release(),
            "entropy_avail": first_line("/proc/sys/kernel/random/entropy_avail"),
            "rngd": "active" if b"active" in rngd.stdout.split() else "inactive",
        }
    )
    say(tested())
    say({"end": True})


if __name__ == "__main__":
    main()
