"""Running a program that must not outlive us, with everything that it starts, however we end.

A guard starts it in a session of its own and reads from a pipe that only we hold: when that ends, we are gone, even if
we were killed, and the guard ends the whole session. Ending it ourselves is `ended`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from allmende.errors import ProgramError

END_SECONDS = 10.0
_GUARD = """
import os, shutil, signal, subprocess, sys, threading

def watch():
    while os.read(0, 4096):
        pass
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)

child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
threading.Thread(target=watch, daemon=True).start()
os._exit(1 if child.wait() else 0)
"""


async def guarded(
    argv: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str], complaints: IO[bytes]
) -> asyncio.subprocess.Process:
    """Start a program in a temporary folder, its output piped to us, and what it complains about into a file.

    The folder is removed by who made it, or by the guard when we are killed. The exit code is 0 or 1. Raises
    ProgramError where the program is not there.
    """
    program = Path(argv[0])
    if not os.access(program, os.X_OK):
        raise ProgramError(
            f"{program} cannot be started: it is not there.", hint=f"Remove {program.parent.parent} and try again."
        )
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", _GUARD, str(folder)),
        *map(str, argv),
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=complaints,
        start_new_session=True,
    )


async def ended(process: asyncio.subprocess.Process) -> None:
    """End the session: asked at first, so that it lets go of what it holds, then forced."""
    for number, patience in ((signal.SIGTERM, END_SECONDS), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await process.wait()
