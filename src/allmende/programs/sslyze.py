"""Looking at the TLS of servers with sslyze, which runs as a program in an environment of its own.

What it says is handed back as it is; what of it matters is left to others.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from allmende.errors import ProgramError
from allmende.programs.environment import made, shipped
from allmende.programs.run import run_program

# What sslyze itself looks at for a comparison with Mozilla's profiles.
_LOOKS = (
    "sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "certinfo", "elliptic_curves", "compression", "ems",
    "fallback", "heartbleed", "openssl_ccs", "reneg", "robot",
)  # fmt: skip


async def scanned(servers: Sequence[str], cache: Path, authority: Path | None = None) -> dict[str, Any]:
    """Return the JSON document of a scan of servers (`HOST:PORT`); ProgramError where there was none.

    `authority` is the file of an authority whose certificates are trusted beside the well-known ones.
    """
    venv = await made(shipped("sslyze"), cache, cache / "sslyze.log")
    trust = ["--certinfo_ca_file", str(authority)] if authority else []
    with TemporaryDirectory(prefix="allmende-sslyze-") as folder:
        result = Path(folder) / "scan.json"
        looks = [f"--{look}" for look in _LOOKS]
        await run_program(
            [
                venv / "bin/sslyze",
                "--mozilla_config=disable",
                "--quiet",
                f"--json_out={result}",
                *looks,
                *trust,
                *servers,
            ],
            log=Path(folder) / "log",
            what="Looking at TLS with sslyze",
        )
        try:
            document = json.loads(result.read_bytes())
        except (OSError, ValueError):
            raise ProgramError("sslyze wrote no result.", hint=f"Remove {venv} and try again.") from None
    if not isinstance(document, dict):
        raise ProgramError("sslyze wrote a result that is no object.", hint=f"Remove {venv} and try again.")
    return document
