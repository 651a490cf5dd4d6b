"""Writing a plan's files: directories 0700, files 0600, programs 0700; and our tools beside them."""

from importlib.resources.abc import Traversable
from pathlib import Path

from allmende.refcloud.apply.blueprint import data
from allmende.refcloud.apply.record import write_private
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.plan import Plan


def write_plan(plan: Plan, places: Places) -> None:
    """Write everything that the plan's processes read. The directory of the cloud is closed to other users."""
    places.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for directory in plan.directories:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in plan.files:
        write_private(file.path, file.text, 0o700 if file.program else 0o600)
    for tool in (data() / "tools").iterdir():
        _write_tool(tool, places.tools)


def _write_tool(tool: Traversable, tools: Path) -> None:
    write_private(tools / tool.name, tool.read_text("utf-8"), 0o700)
