"""A Tempest for tests: an environment whose programs list tests and report on them as the real ones do.

`behaviour.json` beside the programs says what each test does: pass, fail, skip, hang, or die with the process.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from allmende.standards.tempest_list import DemandedTest

PROGRAM = r"""
import json, os, pathlib, struct, subprocess, sys, time, zlib

def number(value):
    for size, mark in ((1, 0), (2, 1), (3, 2), (4, 3)):
        if value < 1 << (8 * size - 2):
            return (value | mark << (8 * size - 2)).to_bytes(size, "big")

def text(value):
    data = value.encode() if isinstance(value, str) else value
    return number(len(data)) + data

def packet(test, status=0, file="", content=b""):
    flags = 0x2000 | 0x0200 | 0x0800 | status | (0x0060 if file else 0)
    body = struct.pack(">I", 1780000000) + number(0) + text(test)
    if file:
        body += text("text/plain;charset=utf8") + text(file) + text(content)
    for size in (1, 2, 3):
        length = 1 + 2 + size + len(body) + 4
        if len(number(length)) == size:
            break
    data = b"\xb3" + struct.pack(">H", flags) + number(length) + body
    sys.stdout.buffer.write(data + struct.pack(">I", zlib.crc32(data)))
    sys.stdout.buffer.flush()

def run(test, does):
    packet(test, 2)
    if does == "hang":
        child = subprocess.Popen(["sleep", "600"])
        pathlib.Path(here, "pids").write_text(f"{os.getpid()} {child.pid}")
        time.sleep(600)
    if does == "die":
        os.kill(os.getpid(), 9)
    if does == "fail":
        trace = "Traceback (most recent call last):\n\n  File \"x.py\", line 1\n    go()\n\nlib.Gone: No such thing\n"
        packet(test, file="pythonlogging:''", content=b"GET req-00000000-1111-2222-3333-444444444444")
        packet(test, file="traceback", content=trace.encode())
    if does == "skip":
        packet(test, file="reason", content=b"Not switched on.")
    packet(test, {"pass": 3, "skip": 5, "fail": 6}[does])

here = pathlib.Path(__file__).parent
behaviour = json.loads((here / "behaviour.json").read_text())
words = sys.argv[1:]
if behaviour.get("refuses"):
    sys.exit("Traceback: No module named tempest")
if "--list-tests" in words:
    print("\n".join(f"{name}[id-{id},slow]" for name, id in behaviour["tests"].items()))
elif "--load-list" in words:
    chosen = pathlib.Path(words[words.index("--load-list") + 1]).read_text().split()
    modes = {f.name: oct(f.stat().st_mode & 0o777) for f in pathlib.Path().iterdir()}
    call = {"tests": chosen, "concurrency": words[words.index("--concurrency") + 1], "modes": modes,
            "environment": sorted(os.environ)}
    with (here / "calls").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    sys.stdout.buffer.write(b"some warning\n")
    for test in chosen:
        run(test, behaviour["does"].get(test.partition("[")[0], "pass"))
"""


class FakeTempest:
    """An environment at `venv` that counts as made; what its tests do can be changed between runs."""

    def __init__(self, venv: Path, tests: Sequence[DemandedTest]) -> None:
        self.venv = venv
        self._bin = self.venv / "bin"
        self._tests = {test.name: test.id for test in tests}
        self._bin.mkdir(parents=True)
        for name in ("tempest", "stestr"):
            program = self._bin / name
            program.write_text(f"#!{sys.executable}\n{PROGRAM}", "utf-8")
            program.chmod(0o755)
        (venv / ".complete").touch()
        self.behave({})

    def behave(self, does: Mapping[str, str], *, refuses: bool = False) -> None:
        """Let tests do something else than pass, or let Tempest not start at all."""
        behaviour = {"tests": self._tests, "does": does, "refuses": refuses}
        (self._bin / "behaviour.json").write_text(json.dumps(behaviour), "utf-8")

    def forget(self, name: str) -> None:
        """Be a release that lacks a test."""
        del self._tests[name]
        self.behave({})

    @property
    def calls(self) -> list[dict[str, object]]:
        """How tests were asked for, the first first."""
        path = self._bin / "calls"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes of a test that hangs."""
        path = self._bin / "pids"
        return tuple(map(int, path.read_text("utf-8").split())) if path.exists() else ()
