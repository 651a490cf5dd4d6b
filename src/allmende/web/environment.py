"""Decides how templates are read: escaped, strict about missing values, with the filters and states of every page."""

from collections.abc import Mapping
from functools import partial
from gettext import NullTranslations

import jinja2

from allmende import __version__
from allmende.countries import country_name
from allmende.web.prose import coded, paragraphs
from allmende.web.words import STATES, count, iso_day, iso_minute, relative


def template_environment(
    assets: Mapping[str, str], notice: str = "", messages: NullTranslations | None = None, language: str = "en"
) -> jinja2.Environment:
    """Return the templates of this package; `assets` are the addresses of style sheet and mark by their file names.

    `notice` is said at the top of every page, `messages` says everything in another `language` than English. A template
    that names an unknown value or asset fails when rendered.
    """
    said = messages or NullTranslations()
    environment = jinja2.Environment(
        extensions=["jinja2.ext.i18n"],
        loader=jinja2.PackageLoader("allmende.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(said, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals.update(assets=assets, states=STATES, product_version=__version__, notice=notice)
    environment.filters.update(
        coded=coded,
        paragraphs=paragraphs,
        iso_day=iso_day,
        iso_minute=iso_minute,
        relative=partial(relative, messages=said),
        country=partial(country_name, language=language),
        counted=partial(count, messages=said),
        translated=lambda text: said.gettext(text) if text else "",
    )
    return environment
