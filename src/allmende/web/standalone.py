"""Renders a template into one file that loads nothing: the style sheet and the mark are inside.

Such a file is kept and opened much later, so its templates tell times as dates and never relative to now.
"""

from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files

from markupsafe import Markup

from allmende.web.environment import template_environment


def standalone(template: str, values: Mapping[str, object]) -> bytes:
    """Return the page as the bytes of an HTML file."""
    folder = files("allmende.web") / "assets"
    mark = b64encode((folder / "mark.svg").read_bytes()).decode()
    style = Markup((folder / "allmende.css").read_text(encoding="utf-8"))  # noqa: S704 -- our own style sheet
    environment = template_environment({"mark.svg": f"data:image/svg+xml;base64,{mark}"})
    return environment.get_template(template).render({"style": style, **values}).encode()
