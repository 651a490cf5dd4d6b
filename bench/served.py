"""A server of ours as a process of its own, for as long as a benchmark needs it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def served(*command: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the address that the Python command prints first."""
    with subprocess.Popen([sys.executable, *command], env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
