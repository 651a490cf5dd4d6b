"""The template of the databases: migrated schemas without any secret, packed once and unpacked for each new cloud."""

import os
import shutil
from pathlib import Path

from allmende.programs.run import run_program


async def make_database_files(data: Path, template: Path, log: Path) -> bool:
    """Fill the directory `data` of MariaDB if it is not there yet; return whether the schemas came with it."""
    if data.exists():
        return False
    fresh = data.with_name(data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    if from_template := template.exists():
        await run_program(
            ["tar", "--zstd", "-xf", template, "-C", fresh], log=log, what="Unpacking the databases' template"
        )
    else:
        await run_program(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={fresh}",
                "--user=root",
                "--auth-root-authentication-method=socket",
                "--auth-root-socket-user=root",
                "--skip-test-db",
                "--skip-name-resolve",
            ],
            log=log,
            what="Making the database server's files",
        )
    fresh.rename(data)
    return from_template


async def keep_template(data: Path, template: Path, log: Path) -> None:
    """Pack the files of a stopped MariaDB. The template appears whole or not at all."""
    template.parent.mkdir(parents=True, exist_ok=True)
    packed = template.with_name(f".{template.name}.{os.getpid()}")
    await run_program(
        ["tar", "--zstd", "-cf", packed, "-C", data, "."], log=log, what="Packing the databases' template"
    )
    packed.replace(template)
