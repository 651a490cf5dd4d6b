"""A tree of Debian packages, from the package sources that this machine itself uses.

Which mirror that is, with which keys and through which proxy, is the machine's business and is read from its apt
configuration; no host is named here.
"""

import asyncio
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from allmende.errors import ReferenceCloudError
from allmende.refcloud.fetch.program import run

_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*")


def sources(files: Iterable[tuple[str, str]], release: str) -> str:
    """Return the deb822 stanzas among the (name, text) of apt source `files` that offer Debian's `release`.

    Only suites of that release count: the release itself, its updates and its security updates.
    """
    suites = {release, f"{release}-updates", f"{release}-security"}
    stanzas = []
    for name, text in files:
        for stanza in _deb822(text) if name.endswith(".sources") else _one_line(text):
            wanted = [suite for suite in stanza.get("Suites", "").split() if suite in suites]
            if wanted and "deb" in stanza.get("Types", "").split() and stanza.get("Enabled", "yes").lower() != "no":
                stanzas.append({**stanza, "Types": "deb", "Suites": " ".join(wanted)})
    return "\n\n".join("\n".join(f"{key}: {value}" for key, value in stanza.items()) for stanza in stanzas) + "\n"


def _deb822(text: str) -> Iterator[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for block in "\n".join(lines).split("\n\n"):
        stanza: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if line[:1] in (" ", "\t") and key:
                stanza[key] += "\n" + line
            elif ":" in line:
                key, _, value = line.partition(":")
                stanza[key] = value.strip()
        if stanza:
            yield stanza


def _one_line(text: str) -> Iterator[dict[str, str]]:
    names = {"signed-by": "Signed-By", "arch": "Architectures", "trusted": "Trusted"}
    for line in text.splitlines():
        kind, _, rest = line.partition("#")[0].strip().partition(" ")
        options = ""
        if rest.lstrip().startswith("["):
            options, _, rest = rest.lstrip()[1:].partition("]")
        words = rest.split()
        if kind == "deb" and len(words) >= 2:
            given = dict(option.split("=", 1) for option in options.split() if "=" in option)
            yield {
                "Types": "deb",
                "URIs": words[0],
                "Suites": words[1],
                **({"Components": " ".join(words[2:])} if words[2:] else {}),
                **{names[key]: value.replace(",", " ") for key, value in given.items() if key in names},
            }


async def unpack(tree: Path, release: str, variant: str, packages: Sequence[str], hooks: Sequence[str] = ()) -> None:
    """Make `tree`, with the packages and what they depend on.

    With the variant `extract` they are only unpacked, otherwise installed. `hooks` are shell commands that
    mmdebstrap runs at the end with the tree as `$1`.

    Raises:
        ReferenceCloudError: the machine has no source for that release, or a package could not be had.
    """
    stanzas = sources(_apt_sources(Path("/etc/apt")), release)
    if not stanzas.strip():
        raise ReferenceCloudError(
            f"The package sources of this machine do not offer Debian's release `{release}`.",
            hint="Add it under /etc/apt/sources.list.d, or run on that release.",
        )
    arguments = [f"--variant={variant}", "--format=directory", "--quiet", f"--include={','.join(packages)}"]
    arguments += ["--aptopt=APT::Install-Recommends false", *(f"--aptopt={line}" for line in await _apt_transport())]
    arguments += [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    arguments += ["--dpkgopt=path-include=/usr/share/doc/*/copyright"]
    arguments += [f"--customize-hook={hook}" for hook in hooks]
    try:
        await run(["mmdebstrap", *arguments, release, tree, "-"], stdin=stanzas.encode())
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, tree, ignore_errors=True)
        raise


def _apt_sources(directory: Path) -> list[tuple[str, str]]:
    parts = directory / "sources.list.d"
    paths = [directory / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))]
    return [(path.name, path.read_text(encoding="utf-8")) for path in paths if path.is_file()]


async def _apt_transport() -> list[str]:
    """Return how this machine's apt reaches its sources: proxies, certificates."""
    lines = (await run(["apt-config", "dump", "Acquire"])).splitlines()
    return [
        line.rstrip(";") for line in lines if line.startswith(("Acquire::http", "Acquire::https")) and '""' not in line
    ]
