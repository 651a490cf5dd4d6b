"""The supervisor's configuration: every unit is known to it, none starts by itself; logs rotate."""

from collections.abc import Iterable, Mapping

from allmende.refcloud.model.blueprint import Layer
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.plan import PlannedUnit
from allmende.refcloud.rules.render import ini

_PRIORITY = {Layer.FOUNDATION: 1, Layer.SERVICE: 2}


def supervisor_config(places: Places, units: Iterable[PlannedUnit], environment: Mapping[str, str]) -> str:
    """Return supervisord's configuration for these units."""
    sections = {
        "unix_http_server": {"file": f"{places.run}/supervisor.sock", "chmod": "0600"},
        "supervisord": {
            "nodaemon": "true",
            "user": "root",
            "logfile": f"{places.log}/supervisor.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": "1",
            "loglevel": "info",
            "pidfile": "/run/cloud/supervisor.pid",
            "childlogdir": str(places.log),
            "directory": str(places.state),
            "umask": "022",
            "minfds": "4096",
            "environment": _environment(environment),
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    units = tuple(units)
    for layer in Layer:
        members = ",".join(unit.name for unit in units if unit.layer is layer)
        # The supervisor stops group by group, and all units of a group at the same time.
        sections[f"group:{layer}"] = {"programs": members, "priority": str(_PRIORITY[layer])}
    for unit in units:
        sections[f"program:{unit.name}"] = {
            "command": _escaped(" ".join(_word(word) for word in unit.argv)),
            "environment": _environment(unit.environment),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "1",
            "startretries": "10",
            "stopwaitsecs": str(unit.stop_seconds),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(unit.log),
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": "2",
        }
    return ini(sections)


def _environment(values: Mapping[str, str]) -> str:
    return _escaped(",".join(f'{key}="{_inside_quotes(value)}"' for key, value in sorted(values.items())))


def _word(word: str) -> str:
    return f'"{_inside_quotes(word)}"'


def _inside_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _escaped(text: str) -> str:
    """Supervisor expands `%(…)s` and takes ` ;` for the start of a comment; we mean neither."""
    return text.replace("%", "%%")
