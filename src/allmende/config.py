"""Where Allmende keeps things on this machine, read once from the environment by the composition roots."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Directories:
    """The directories of one user of this machine (XDG Base Directory Specification 0.8).

    `state` holds what cannot be made again (clouds, registry, keys); `cache` what can (wheels, images, database
    templates).
    """

    state: Path
    cache: Path

    @property
    def clouds(self) -> Path:
        """One folder per reference cloud."""
        return self.state / "clouds"

    @property
    def registry(self) -> Path:
        """The embedded registry's database."""
        return self.state / "registry"

    @property
    def registries(self) -> Path:
        """What was last seen of the logs of registries elsewhere."""
        return self.state / "registries"

    @property
    def leases(self) -> Path:
        """The journals of what runs created in clouds, one file each while something of it is there."""
        return self.state / "leases"

    @property
    def partial_reports(self) -> Path:
        """What interrupted runs found so far."""
        return self.state / "partial-reports"

    @property
    def keys(self) -> Path:
        """Signing keys, mode 0700."""
        return self.state / "keys"


def directories(environ: Mapping[str, str], home: Path) -> Directories:
    """Return the directories that `XDG_STATE_HOME` and `XDG_CACHE_HOME` ask for, else the defaults under `home`.

    Relative values are ignored, as the specification demands.
    """

    def base(variable: str, default: str) -> Path:
        value = Path(environ.get(variable) or "")
        return value if value.is_absolute() else home / default

    return Directories(
        state=base("XDG_STATE_HOME", ".local/state") / "allmende", cache=base("XDG_CACHE_HOME", ".cache") / "allmende"
    )
