"""Where `clouds.yaml` and `secure.yaml` are looked for, which cloud is meant, and whether the files can be read.

The meaning of what stands there is left to the SDK. It skips a broken file with a log line and then knows no cloud, so
files are read here first and complaints name file and line. A complaint never quotes the file: the broken line may be
the one with the password.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from allmende.errors import SettingsError, UnknownNameError

_SUFFIXES = ("yaml", "yml", "json")
_SELECTORS = frozenset({"cloud", "region_name", "client_config_file", "client_secure_file", "cloud_name"})
_FOREIGN = ("OS_TEST", "OS_STD", "OS_LOG")
_TEXTS = frozenset({"auth_url", "region_name", "profile"})
_FILES = ("cacert", "cert", "key")
FROM_VARIABLES = "envvars"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFiles:
    """The places looked at, and the first file there is of each kind."""

    places: tuple[Path, ...]
    clouds: Path | None
    secure: Path | None
    vendors: Path | None
    names: tuple[str, ...]


def usual_files(environ: Mapping[str, str], here: Path) -> ConfigFiles:
    """Look for the files in the SDK's order: the variables, then `here`, the user's and the machine's directory."""
    home = Path(environ.get("HOME") or Path.home())
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "openstack"
    folders = tuple(dict.fromkeys((here, user, home / ".config/openstack", Path("/etc/openstack"))))
    clouds = _places(environ.get("OS_CLIENT_CONFIG_FILE"), folders, "clouds")
    secure = _places(environ.get("OS_CLIENT_SECURE_FILE"), folders, "secure")
    return _read(clouds, secure, _places(None, folders, "clouds-public"))


def these_files(paths: Iterable[Path]) -> ConfigFiles:
    """Look at exactly these `clouds.yaml` files, and for a `secure.yaml` beside each."""
    clouds = tuple(paths)
    return _read(clouds, _places(None, tuple(path.parent for path in clouds), "secure"), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which cloud is meant: an entry of the file, or the `OS_*` variables alone (`in_file` is False)."""

    name: str
    in_file: bool
    overrides: Mapping[str, str]


def choose(name: str | None, environ: Mapping[str, str], files: ConfigFiles) -> Choice:
    """Return the cloud that is meant; raise UnknownNameError, with the known names, when there is none.

    A name that is given (or `OS_CLOUD`) stands for an entry of the file, and then only `OS_REGION_NAME` changes it: a
    password left in the shell is for another cloud. Without a name the variables are the cloud, if any but selectors
    are set, else the only entry of the file is.
    """
    variables = {
        key.removeprefix("OS_").lower(): value
        for key, value in environ.items()
        if key.startswith("OS_") and not key.startswith(_FOREIGN) and value
    }
    chosen = name or variables.get("cloud")
    region = {key: value for key, value in variables.items() if key == "region_name"}
    if chosen in (None, FROM_VARIABLES) and variables.keys() - _SELECTORS:
        rest = {key: value for key, value in variables.items() if key not in _SELECTORS}
        _without_credential(rest.get("auth_url"), "OS_AUTH_URL")
        return Choice(name=FROM_VARIABLES, in_file=False, overrides={**rest, **region})
    return Choice(name=_known(chosen, files), in_file=True, overrides=region)


def _known(name: str | None, files: ConfigFiles) -> str:
    if name in files.names:
        return str(name)
    if name is None and len(files.names) == 1:
        return files.names[0]
    if files.clouds:
        places = str(files.clouds)
    else:
        places = ", ".join(str(place) for place in files.places if place.suffix == ".yaml") + " (also .yml, .json)"
    if not files.names:
        message = f"No cloud is configured{f' as `{name}`' if name else ''}."
        hint = f"Write a clouds.yaml, or set OS_* variables. Looked at: {places}."
    else:
        message = f"There is no cloud `{name}`." if name else "Several clouds are configured, none was chosen."
        hint = f"Known are {', '.join(f'`{known}`' for known in files.names)} in {places}."
    raise UnknownNameError(message, hint=hint)


def well_formed(cloud: Mapping[str, Any], where: str) -> None:
    """Raise SettingsError where the SDK would take a value apart that is of another type, and fall over it.

    `cloud` is an entry with what `secure.yaml` adds, and `where` says where it stands.
    """
    auth = cloud.get("auth", {})
    if not isinstance(auth, dict):
        raise SettingsError(
            f"{where}: `auth` is no mapping.", hint="Put auth_url, username and so on below it, indented."
        )
    for key, value in [*cloud.items(), *auth.items()]:
        if key in _TEXTS and not isinstance(value, str):
            raise SettingsError(
                f"{where}: `{key}` is {'empty' if value is None else 'no text'}.",
                hint="Write a value behind the colon, in quotes where it looks like a number, or leave the line out.",
            )
    _without_credential(auth.get("auth_url"), f"{where}: `auth_url`")
    if "password" in auth and auth["password"] is None:
        raise SettingsError(f"{where}: `password` is empty.", hint="Write it there or in secure.yaml.")
    for key in _FILES:
        if isinstance(file := cloud.get(key), str) and not Path(file).expanduser().exists():
            raise SettingsError(f"{where}: `{key}` names {file}, which does not exist.", hint="Correct the path.")
    try:
        float(cloud.get("api_timeout") or 0)
    except (TypeError, ValueError):
        raise SettingsError(f"{where}: `api_timeout` is no number.", hint="Give it in seconds.") from None


def _without_credential(auth_url: str | None, where: str) -> None:
    """Refuse `https://user:password@host`: addresses are shown, logged and kept, secrets are not."""
    if auth_url and "@" in auth_url.partition("://")[2].partition("/")[0]:
        raise SettingsError(
            f"{where} holds a user or a password.", hint="Leave the address alone there; name the user under `auth:`."
        )


def _places(override: str | None, folders: tuple[Path, ...], stem: str) -> tuple[Path, ...]:
    found = tuple(folder / f"{stem}.{suffix}" for folder in folders for suffix in _SUFFIXES)
    return tuple(dict.fromkeys((Path(override), *found))) if override else found


def _read(clouds: tuple[Path, ...], secure: tuple[Path, ...], vendors: tuple[Path, ...]) -> ConfigFiles:
    first, second, third = (
        next((path for path in paths if path.exists()), None) for paths in (clouds, secure, vendors)
    )
    names = tuple(str(name) for name in _clouds_of(first)) if first else ()
    for path in (second, third):
        if path:
            _clouds_of(path)
    return ConfigFiles(places=clouds, clouds=first, secure=second, vendors=third, names=names)


def _clouds_of(path: Path) -> Mapping[Any, Any]:
    document = _parse(path)
    if document is None:
        return {}
    clouds = document.get("clouds") or {} if isinstance(document, dict) else None
    if not isinstance(clouds, dict):
        raise SettingsError(f"{path} holds no mapping `clouds:`.", hint="Give each cloud a name under `clouds:`.")
    for name, cloud in clouds.items():
        if not isinstance(cloud, dict):
            raise SettingsError(f"{path}: the cloud `{name}` is no mapping.", hint="It needs at least `auth:`.")
    return clouds


def _parse(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8.", hint="Save the file as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.", hint="Check its owner and mode.") from None
    try:
        document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except json.JSONDecodeError as error:
        raise _broken(path, error.lineno, error.colno, error.msg) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _broken(path, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, error.problem) from None
    except yaml.YAMLError:
        raise _broken(path, 1, 1, "no YAML") from None
    if _holds_itself(document):
        raise SettingsError(f"{path} holds a part that contains itself.", hint="Remove that alias (`*name`).")
    return document


def _holds_itself(part: object, around: tuple[object, ...] = (), clear: set[int] | None = None) -> bool:
    """Tell whether an alias of YAML points at something that it stands in; each part is looked at once."""
    clear = set() if clear is None else clear
    if not isinstance(part, dict | list) or id(part) in clear:
        return False
    inner = part.values() if isinstance(part, dict) else part
    if any(part is one for one in around) or any(_holds_itself(one, (*around, part), clear) for one in inner):
        return True
    clear.add(id(part))
    return False


def _broken(path: Path, line: int, column: int, problem: str | None) -> SettingsError:
    words = re.sub(
        r"(,? but found)? ?'[^']{3,}'?.*", "", problem or "no YAML"
    )  # what is quoted may be a piece of the password
    return SettingsError(
        f"{path}, line {line}, column {column}: {words}.",
        hint="Correct the line; often it is the indentation, a tab, or a value with `:` or `#` that wants quotes.",
    )
