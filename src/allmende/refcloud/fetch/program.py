"""Run a program of this machine, and say what went wrong in words when it fails."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from allmende.errors import ReferenceCloudError


async def run(argv: Sequence[str | Path], *, stdin: bytes = b"", cwd: Path | None = None) -> str:
    """Run `argv` without a shell and return what it printed.

    A cancelled call ends the program with everything that it started.

    Raises:
        ReferenceCloudError: it is not installed, or it failed; with the end of its output.
    """
    words = [str(word) for word in argv]
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ReferenceCloudError(
            f"The program `{words[0]}` is not installed.", hint="`allmende cloud up` as root installs what is missing."
        ) from error
    try:
        output = (await process.communicate(stdin))[0].decode(errors="replace")
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        tail = "\n".join(output.splitlines()[-15:])
        raise ReferenceCloudError(f"`{words[0]}` failed with exit code {process.returncode}:\n{tail}")
    return output
