"""Filling placeholders in, such as `{port.keystone}`, `{secret.…}`, `{path.…}`, `{cloud.…}` and `{self}`.

Other braces (BIND's, Erlang's, nova's cell templates) are left alone: a placeholder has a known first word and a dot.
"""

import re
from collections.abc import Mapping

from allmende.errors import DocumentError
from allmende.refcloud.model.blueprint import Blueprint, ConfigFile, Scalar
from allmende.refcloud.model.cloud import REGION, Given

_PLACEHOLDER = re.compile(r"\{((?:port|secret|path|cloud|host|profile)\.[a-z0-9_.-]+)\}")

Sections = dict[str, dict[str, str]]


class Renderer:
    """Fills the placeholders of one cloud in. `service` is what `{self}` stands for."""

    def __init__(self, blueprint: Blueprint, given: Given) -> None:
        self._blueprint = blueprint
        self._values = _values(blueprint, given)

    def text(self, text: Scalar, service: str) -> str:
        """Return `text` with every placeholder filled in; raise DocumentError for one that nothing is known of."""

        def value(match: re.Match[str]) -> str:
            try:
                return self._values[match[1]]
            except KeyError:
                raise DocumentError(f"The blueprint of {service} uses {{{match[1]}}}, which does not exist.") from None

        return _PLACEHOLDER.sub(value, str(text).replace("{self}", service))

    def texts(self, texts: tuple[str, ...], service: str) -> tuple[str, ...]:
        """Return each of `texts` filled in."""
        return tuple(self.text(text, service) for text in texts)

    def mapping(self, values: Mapping[str, str], service: str) -> dict[str, str]:
        """Return the mapping with its values filled in."""
        return {key: self.text(value, service) for key, value in values.items()}

    def file(self, file: ConfigFile, service: str) -> str:
        """Return the content of a configuration file."""
        if file.text is not None:
            return self.text(file.text, service)
        sections: Sections = {}
        for name in file.fragments:
            for section, options in self._fragment(name, service).items():
                sections.setdefault(section, {}).update(self._options(options, service))
        for section, options in file.sections.items():
            sections.setdefault(section, {}).update(self._options(options, service))
        return ini(sections)

    def _fragment(self, name: str, service: str) -> Mapping[str, Mapping[str, Scalar]]:
        fragment = self._blueprint.fragments.get(name)
        if fragment is None:
            raise DocumentError(f"The blueprint of {service} uses the fragment {name}, which does not exist.")
        return {section: options for section, options in fragment.items() if isinstance(options, Mapping)}

    def _options(self, options: Mapping[str, Scalar], service: str) -> dict[str, str]:
        rendered: dict[str, str] = {}
        for key, value in options.items():
            if key == "as":
                credentials = self._blueprint.fragments["as"]
                rendered |= {k: self.text(v, str(value)) for k, v in credentials.items() if not isinstance(v, Mapping)}
            else:
                rendered[key] = self.text(value, service)
        return rendered


def _values(blueprint: Blueprint, given: Given) -> dict[str, str]:
    """Return what every placeholder stands for."""
    identity, places, abilities = given.identity, given.places, given.abilities
    values = {
        "cloud.name": identity.name,
        "cloud.id": identity.id,
        "cloud.host": identity.host,
        "cloud.region": REGION,
        "cloud.internal-bridge": identity.internal_bridge,
        "cloud.external-bridge": identity.external_bridge,
        "cloud.external-address": str(identity.external_address),
        "cloud.datapath": identity.datapath,
        "host.virt-type": abilities.virt_type,
        "host.cpu-mode": abilities.cpu_mode,
        "path.venv": str(places.venv),
        "path.etc": str(places.etc),
        "path.home": str(places.home),
        "path.state": str(places.state),
        "path.log": str(places.log),
        "path.run": str(places.run),
        "path.tools": str(places.tools),
    }
    values |= {f"port.{name}": str(port) for name, port in given.ports.items()}
    values |= {f"secret.{name}": secret for name, secret in given.secrets.items()}
    values |= {f"profile.{key}": value for key, value in blueprint.profiles[identity.profile].items()}
    return values


def ini(sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return sections and options in the form that oslo.config and PasteDeploy read."""
    parts = [
        f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in options.items())
        for section, options in sections.items()
    ]
    return "\n".join(parts)
