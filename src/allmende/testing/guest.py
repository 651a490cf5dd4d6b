"""What a guest of a fake cloud writes on its console, when it is given the script of scs-0101."""

import json
import zlib
from collections.abc import Mapping

from allmende.collect.guest import MARK

HEALTHY: Mapping[str, object] = {
    "kernel": "6.1.0-56-cloud-amd64",
    "entropy_avail": "256",
    "rngd": "active",
    "blocks": 1000,
    "failures": 0,
    "tested_by": "rngtest",
    "end": True,
}


def saying(**words: object) -> str:
    """Return the line of the console with which a guest says these words."""
    text = json.dumps(words, sort_keys=True)
    return f"{MARK} {zlib.crc32(text.encode()):08x} {text}\n"


def healthy_guest(user_data: str) -> str:
    """Return what a healthy guest writes: a login prompt, and the answers of the script if it was given it."""
    banner = "[   12.345678] cloud-init[513]: Cloud-init v. 22.4.2 finished\nguest login: "
    return banner + (saying(**HEALTHY) if MARK in user_data else "")
