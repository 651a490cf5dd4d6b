"""Install the Debian packages that the tests need and this machine lacks; `packages.yaml` gives the reasons."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from allmende.refcloud.apply.packages import install_packages, missing_packages, wanted_packages


async def main() -> None:
    """Install as root; without root, say what to type."""
    missing = await missing_packages(wanted_packages("tests"))
    if not missing:
        return
    if os.geteuid() != 0:
        sys.exit(f"next: as root, apt-get install --no-install-recommends {' '.join(missing)}")
    print("installing", ", ".join(f"{name} ({wanted_packages('tests')[name]})" for name in missing))  # noqa: T201
    await install_packages(missing, Path(tempfile.mkdtemp()) / "packages.log")


asyncio.run(main())
