"""Running a program to its end: output into a file, and ended with everything it started when we are."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from allmende.errors import ProgramError

_TAIL = 12


async def run_program(
    argv: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None, what: str = ""
) -> None:
    """Run `argv` and append its output to `log`; raise ProgramError with the end of it when it fails."""
    name = what or Path(argv[0]).name
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        start = output.tell()
        try:
            process = await asyncio.create_subprocess_exec(
                *map(str, argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise ProgramError(
                f"{name}: the program {argv[0]} is not installed.",
                hint="Install it; for the reference cloud, `allmende cloud up` does that as root.",
            ) from None
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise
    if code != 0:
        raise ProgramError(f"{name} failed with exit code {code}:\n{tail(log, start)}", hint=f"Read {log}.")


def tail(log: Path, start: int = 0, lines: int = _TAIL) -> str:
    """Return the last lines of `log` behind the byte `start`."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, log.stat().st_size - 20_000))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:])
