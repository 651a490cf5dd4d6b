"""The reference cloud under test: started, asked and stopped with the commands that a user types."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from allmende.clouds.limits import Limits
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.config import directories
from allmende.errors import CloudError
from allmende.refcloud.apply.record import Memory
from allmende.refcloud.model.cloud import CloudAddress
from allmende.refcloud.run import address

T = TypeVar("T")

PATIENT = Limits(answer_seconds=120, attempts=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """`allmende` with a state directory of its own; built and downloaded things are shared with other clouds."""

    state: Path

    @property
    def environ(self) -> Mapping[str, str]:
        return {**os.environ, "XDG_STATE_HOME": str(self.state), "NO_COLOR": "1"}

    def run(
        self,
        *words: str,
        seconds: float = 600,
        expected: tuple[int, ...] = (0,),
        environ: Mapping[str, str] | None = None,
    ) -> str:
        """Run a command and return its standard output; fail with everything it said when it ends otherwise."""
        done = subprocess.run(
            self.words(*words),
            env={**self.environ, **(environ or {})},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode not in expected:
            raise AssertionError(
                f"`allmende {' '.join(words)}` ended with {done.returncode}, not {expected}\n"
                f"{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
            )
        return done.stdout

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "allmende", *words]

    def check(self, clouds_yaml: Path, name: str) -> Any:
        """Return what the conformance check finds, whatever the verdict."""
        environ = {"OS_CLIENT_CONFIG_FILE": str(clouds_yaml)}
        return json.loads(self.run("check", name, "--json", expected=(0, 1, 3), environ=environ))

    def cloud(self, name: str) -> "LiveCloud":
        """Return the cloud of that name, which was brought up."""
        return LiveCloud(command_line=self, address=address(directories(self.environ, Path.home()), name))


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCloud:
    """A reference cloud that was brought up."""

    command_line: CommandLine
    address: CloudAddress

    @property
    def name(self) -> str:
        return self.address.name

    @property
    def folder(self) -> Path:
        return self.address.clouds_yaml.parent

    @property
    def supervisor(self) -> int:
        """The process id of the cloud's supervisor."""
        running = Memory(self.folder).running()
        assert running, f"{self.name} does not run"
        return running.pid

    @property
    def interfaces(self) -> str:
        """What the names of the cloud's own interfaces begin with."""
        record = Memory(self.folder).record()
        assert record, f"{self.name} is not remembered"
        return f"{record.identity.id}-"

    async def door(self) -> OpenStackCloud:
        """Return a door with the credential of the member."""
        files = [self.address.clouds_yaml]
        return await open_cloud(self.address.cloud, environ={}, limits=PATIENT, config_files=files)

    def ask(self, work: Callable[[OpenStackCloud], Coroutine[Any, Any, T]]) -> T:
        """Run `work` as the member; the complaint about what fails shows the ends of the cloud's logs."""

        async def with_door() -> T:
            async with await self.door() as cloud:
                return await work(cloud)

        try:
            return asyncio.run(with_door())
        except (AssertionError, OSError, CloudError) as error:
            error.add_note(self.complaints())
            raise

    def complaints(self, lines: int = 6) -> str:
        """Return the last complaints in every log of the cloud that was written to in the last minutes."""
        recent = time.time() - 300
        files = sorted(path for path in self.folder.rglob("*.log") if path.stat().st_mtime > recent)
        tails = ((path.stem, _complaints(path)[-lines:]) for path in files)
        return "\n".join(f"── {name}\n" + "\n".join(found) for name, found in tails if found)


def _complaints(path: Path) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 100_000))
        lines = file.read().decode(errors="replace").splitlines()
    return [line[:300] for line in lines if re.search(r"\b(ERROR|CRITICAL|FATAL|EMER|Traceback)\b", line)]


async def eventually(
    what: str,
    attempt: Callable[[], Awaitable[T | None]],
    *,
    seconds: float,
    evidence: Callable[[], Awaitable[str]] | None = None,
    pause: float = 0.5,
) -> T:
    """Return the first answer of `attempt` that is not None; when time is up, fail with the evidence."""
    end = time.monotonic() + seconds
    last = "nothing yet"
    while time.monotonic() < end:
        try:
            answer = await attempt()
        except (OSError, CloudError, subprocess.SubprocessError) as error:
            last = f"{type(error).__name__}: {error}"
        else:
            if answer is not None:
                return answer
            last = "an answer that is not the one that is waited for"
        await asyncio.sleep(pause)
    shown = await evidence() if evidence else ""
    raise AssertionError(f"{what}: not within {seconds:g} s; last: {last}\n{shown}")
