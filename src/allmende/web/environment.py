"""Decides how templates are read: escaped, strict about missing values, with the filters and states of every page."""

from collections.abc import Mapping

import jinja2

from allmende import __version__
from allmende.web.prose import coded, paragraphs
from allmende.web.words import STATES, count, iso_day, iso_minute, relative


def template_environment(assets: Mapping[str, str], notice: str = "") -> jinja2.Environment:
    """Return the templates of this package; `assets` are the addresses of style sheet and mark by their file names.

    `notice` is said at the top of every page. A template that names an unknown value or asset fails when rendered.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("allmende.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(assets=assets, states=STATES, product_version=__version__, notice=notice)
    environment.filters.update(
        coded=coded, paragraphs=paragraphs, iso_day=iso_day, iso_minute=iso_minute, relative=relative, counted=count
    )
    return environment
