"""Tempest as a process of its own: a folder that only we can read, the tests it knows, and its reports as they come.

However a run ends, nothing of it runs on (`guarded`), and the folder with the passwords is removed (`workspace`).
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from allmende.errors import ProgramError
from allmende.programs.guarded import ended, guarded
from allmende.programs.run import tail
from allmende.programs.subunit import Event, Status, SubunitReader

TEST_SECONDS = 900
_CHUNK = 1 << 16
_STESTR = """[DEFAULT]
test_path={packages}/tempest/test_discover
top_dir={packages}
group_regex=([^\\.]*\\.)*
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The folder of one run, and the environment that holds Tempest."""

    folder: Path
    venv: Path

    @property
    def log(self) -> Path:
        """What Tempest says beside its reports."""
        return self.folder / "output.log"


@contextmanager
def workspace(venv: Path) -> Iterator[Workspace]:
    """Make a temporary folder, closed to others, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="allmende-tempest-") as name:
        space = Workspace(folder=Path(name), venv=venv)
        packages = next(iter(venv.glob("lib/python3*/site-packages")), venv)
        write(space, {".stestr.conf": _STESTR.format(packages=packages)})
        (space.folder / "lock").mkdir()
        yield space


def write(space: Workspace, files: dict[str, str]) -> None:
    """Write files into the folder that only their owner can read."""
    for name, text in files.items():
        with os.fdopen(os.open(space.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)


def release(venv: Path) -> str:
    """Return which release of Tempest an environment holds; an empty text where it holds none."""
    found = next(iter(venv.glob("lib/python3*/site-packages/tempest-*.dist-info")), None)
    return found.name.removeprefix("tempest-").removesuffix(".dist-info") if found else ""


async def known_tests(space: Workspace) -> tuple[str, ...]:
    """Return the full ids of all tests that this Tempest has, with their tags; ProgramError where it cannot say."""
    await _ended(space, [space.venv / "bin/stestr", "init"])
    said = await _ended(space, [*_tempest(space), "--list-tests"])
    tests = tuple(line for line in said.decode("utf-8", "replace").splitlines() if line.startswith("tempest."))
    if not tests:
        raise ProgramError(f"Tempest lists no test:\n{tail(space.log)}", hint="Remove its environment and try again.")
    return tests


async def reports(space: Workspace, tests: Sequence[str], concurrency: int) -> AsyncGenerator[Event, None]:
    """Run tests by their full ids and yield what is reported; it ends with the process, and the process with it."""
    write(space, {"tests.list": "".join(f"{test}\n" for test in tests)})
    words: list[str | Path] = [
        "--load-list",
        space.folder / "tests.list",
        "--concurrency",
        str(concurrency),
        "--subunit",
    ]
    reader = SubunitReader()
    async with aclosing(_chunks(await _started(space, [*_tempest(space), *words]))) as chunks:
        async for data in chunks:
            for event in reader.feed(data):
                if event.status is not Status.EXISTS:
                    yield event


def _tempest(space: Workspace) -> list[str | Path]:
    return [space.venv / "bin/tempest", "run", "--config-file", space.folder / "tempest.conf"]


async def _ended(space: Workspace, argv: Sequence[str | Path]) -> bytes:
    process = await _started(space, argv)
    async with aclosing(_chunks(process)) as chunks:
        said = b"".join([data async for data in chunks])
    if process.returncode != 0:
        program = Path(argv[0]).name
        raise ProgramError(
            f"{program} failed:\n{tail(space.log)}",
            hint="Read what it says; remove its environment from the cache directory if that is damaged.",
        )
    return said


async def _started(space: Workspace, argv: Sequence[str | Path]) -> asyncio.subprocess.Process:
    """Start a program in the folder, with nothing of our own environment that could change what it does."""
    environment = {
        "PATH": f"{space.venv / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(space.folder),
        "LANG": "C.UTF-8",
        "OS_TEST_TIMEOUT": str(TEST_SECONDS),
    }
    with space.log.open("ab") as log:
        return await guarded(argv, folder=space.folder, environment=environment, complaints=log)


async def _chunks(process: asyncio.subprocess.Process) -> AsyncGenerator[bytes, None]:
    """Yield what a program prints until it ends, and end it when nobody listens any more."""
    if process.stdout is None:
        raise TypeError("the program was started without a pipe")
    try:
        while data := await process.stdout.read(_CHUNK):
            yield data
        await process.wait()
    finally:
        await ended(process)
