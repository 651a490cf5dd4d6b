"""Reading the blueprint that is shipped with the package."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

from allmende.refcloud.model.blueprint import Blueprint
from allmende.refcloud.rules.parse import parse_blueprint


def data() -> Traversable:
    """Return the folder of the reference cloud's data files."""
    return files("allmende.refcloud") / "data"


def load_blueprint() -> Blueprint:
    """Return the shipped blueprint; raise DocumentError when it is wrong."""
    documents = {
        file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text("utf-8"))
        for file in (data() / "blueprint").iterdir()
        if file.name.endswith(".yaml")
    }
    return parse_blueprint(documents)
