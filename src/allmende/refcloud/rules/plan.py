"""From a blueprint and what a cloud has been given to everything that is to be done, as values.

It decides the graph of steps. `database-files`, `schemas` and `catalog` are steps of the engine that a blueprint may
wait for by these names; every other step is a unit or a command of the blueprint.
"""

import hashlib
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from allmende.errors import DocumentError
from allmende.refcloud.model.blueprint import Blueprint, Command, Mount, Phase, Ready, Service, Unit
from allmende.refcloud.model.cloud import REGION, Given
from allmende.refcloud.model.plan import (
    CatalogEndpoint,
    Catalogue,
    KeepTemplate,
    MakeDatabaseFiles,
    Plan,
    PlannedUnit,
    Register,
    RenderedFile,
    RunCommand,
    ServiceUser,
    StartUnit,
    Step,
)
from allmende.refcloud.rules.database import initial_sql
from allmende.refcloud.rules.enclosure import entry_script
from allmende.refcloud.rules.render import Renderer
from allmende.refcloud.rules.selection import commands_of, services_of, units_of
from allmende.refcloud.rules.supervision import supervisor_config
from allmende.refcloud.rules.wsgi import gunicorn_config

DATABASE_FILES, SCHEMAS, CATALOG = "database-files", "schemas", "catalog"


def plan(blueprint: Blueprint, given: Given, *, supervisor: tuple[str, ...], lock_digest: str) -> Plan:
    """Return the plan of one cloud.

    `supervisor` is the argv that runs supervisord, without its configuration; `lock_digest` identifies the locked
    OpenStack environment. Raises DocumentError when the blueprint contradicts itself or would show a secret.
    """
    return _Planner(blueprint, given).plan(supervisor, lock_digest)


class _Planner:
    """Holds what every part of a plan needs."""

    def __init__(self, blueprint: Blueprint, given: Given) -> None:
        self._given = given
        self._blueprint = blueprint
        self._services = services_of(blueprint, given.identity.profile)
        self._renderer = Renderer(blueprint, given)

    def plan(self, supervisor: tuple[str, ...], lock_digest: str) -> Plan:
        """Return the whole plan."""
        places = self._given.places
        units = tuple(self._units())
        catalogue = self._catalogue()
        environment = self._environment()
        directories = set(self._directories())
        inside = {directory for directory in directories if directory.startswith("/run/")}
        entry = entry_script(
            self._given,
            inside,
            [self._mount(service, index) for service in self._services for index in range(len(service.mounts))],
            [*supervisor, "-c", str(places.etc / "supervisord.conf")],
        )
        files = (
            *self._files(),
            RenderedFile(path=places.etc / "mariadb/init.sql", text=initial_sql(self._services, self._given.secrets)),
            RenderedFile(path=places.etc / "supervisord.conf", text=supervisor_config(places, units, environment)),
            RenderedFile(path=places.etc / "enter", text=entry, program=True),
        )
        steps = self._steps(catalogue)
        _assert_possible(steps)
        self._assert_no_secret_is_shown(units, steps, entry)
        return Plan(
            files=files,
            directories=tuple(sorted(Path(directory) for directory in directories - inside)),
            units=units,
            steps=steps,
            catalogue=catalogue,
            environment=environment,
            ports=self._given.ports,
            template_key=self._template_key(lock_digest),
            digest=_digest(lock_digest, *(repr(part) for part in (files, steps))),
        )

    def _environment(self) -> dict[str, str]:
        places = self._given.places
        return {
            "PATH": f"{places.tools}:{places.venv}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(places.home),
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(places.state / "tmp"),
            "XDG_CACHE_HOME": str(places.venv / "cache"),  # lists of plugins, which are the same for every cloud
            "MALLOC_ARENA_MAX": "2",  # threads share memory pools: a third less memory for a process with many threads
            "ALLMENDE_CLOUD": str(places.root),
        }

    # -- files and directories

    def _files(self) -> Iterator[RenderedFile]:
        etc = self._given.places.etc
        for service in self._services:
            for file in service.files:
                text = self._renderer.file(file, service.name)
                for path in (file.path, *file.also):
                    yield RenderedFile(path=etc / path, text=text)
            for unit in units_of(service, self._given.identity.profile):
                if unit.wsgi is not None:
                    wsgi = unit.model_copy(update={"wsgi": self._renderer.text(unit.wsgi, service.name)})
                    yield RenderedFile(path=self._gunicorn(unit), text=gunicorn_config(wsgi, self._port(unit) or 0))

    def _gunicorn(self, unit: Unit) -> Path:
        return self._given.places.etc / "gunicorn" / f"{unit.name}.py"

    def _directories(self) -> Iterator[str]:
        places, profile = self._given.places, self._given.identity.profile
        for directory in (places.etc, places.home, places.log, places.run, places.tools, places.state / "tmp"):
            yield str(directory)
        for service in self._services:
            parts: list[Unit | Command] = [*units_of(service, profile), *commands_of(service, profile)]
            for part in parts:
                yield from self._renderer.texts(part.directories, service.name)

    def _mount(self, service: Service, index: int) -> Mount:
        mount = service.mounts[index]
        return mount.model_copy(
            update={
                key: self._renderer.text(value, service.name)
                for key, value in (("at", mount.at), ("bind", mount.bind), ("append", mount.append))
                if value is not None
            }
        )

    # -- units

    def _units(self) -> Iterator[PlannedUnit]:
        for service in self._services:
            for unit in units_of(service, self._given.identity.profile):
                yield PlannedUnit(
                    name=unit.name,
                    argv=self._argv(unit, service),
                    environment=self._unit_environment(unit, service),
                    log=self._given.places.log / f"{unit.name}.log",
                    layer=unit.layer,
                    stop_seconds=unit.stop_seconds,
                    port=self._port(unit),
                )

    def _argv(self, unit: Unit, service: Service) -> tuple[str, ...]:
        if unit.wsgi is not None:
            return (f"{self._given.places.venv}/bin/gunicorn",)
        return self._renderer.texts(unit.argv, service.name)

    def _unit_environment(self, unit: Unit, service: Service) -> dict[str, str]:
        environment = self._renderer.mapping(unit.environment, service.name)
        if unit.wsgi is not None:
            # Not in argv: keystone takes the server's argv for its own.
            environment["GUNICORN_CMD_ARGS"] = f"-c {self._gunicorn(unit)}"
        return environment

    def _port(self, unit: Unit) -> int | None:
        if unit.port is None:
            return None
        try:
            return self._given.ports[unit.port]
        except KeyError:
            raise DocumentError(
                f"The unit {unit.name} listens on the port {unit.port}, which no service has."
            ) from None

    # -- steps

    def _steps(self, catalogue: Catalogue) -> tuple[Step, ...]:
        profile = self._given.identity.profile
        units = [(service, unit) for service in self._services for unit in units_of(service, profile)]
        commands = [(service, command) for service in self._services for command in commands_of(service, profile)]
        schema = frozenset(command.name for _, command in commands if command.phase is Phase.SCHEMA)
        return (
            Step(name=DATABASE_FILES, action=MakeDatabaseFiles()),
            Step(name=SCHEMAS, action=KeepTemplate(), after=schema | {"mariadb"}),
            Step(
                name=CATALOG,
                action=Register(digest=_digest(repr(catalogue), *(user.password for user in catalogue.users))),
                after=frozenset({"keystone-api", "keystone-bootstrap"}),
            ),
            *(self._command_step(command, service) for service, command in commands),
            *(
                Step(name=unit.name, action=self._start(unit, service), after=frozenset(unit.after))
                for service, unit in units
            ),
        )

    def _start(self, unit: Unit, service: Service) -> StartUnit:
        return StartUnit(unit=unit.name, ready=self._ready(unit.ready, service))

    def _ready(self, ready: Ready | None, service: Service) -> Ready | None:
        if ready is None:
            return None
        texts = {key: value for key, value in ready if isinstance(value, str)}
        return ready.model_copy(update={key: self._renderer.text(value, service.name) for key, value in texts.items()})

    def _command_step(self, command: Command, service: Service) -> Step:
        argv = self._renderer.texts(command.argv, service.name)
        environment = self._renderer.mapping(command.environment, service.name)
        file = self._given.places.etc / command.environment_file if command.environment_file else None
        content = next((f.text for f in self._files() if f.path == file), "") if file else ""
        action = RunCommand(
            argv=argv,
            environment=environment,
            environment_file=file,
            phase=command.phase,
            digest=_digest(*argv, repr(sorted(environment.items())), content),
            creates=Path(self._renderer.text(command.creates, service.name)) if command.creates else None,
        )
        before = {"mariadb"} if command.phase is Phase.SCHEMA else set()
        return Step(name=command.name, action=action, after=frozenset(command.after) | before)

    # -- catalogue

    def _catalogue(self) -> Catalogue:
        secrets, ports = self._given.secrets, self._given.ports
        return Catalogue(
            region=REGION,
            roles=tuple(sorted({role for service in self._services for role in service.roles})),
            users=tuple(
                ServiceUser(name=service.user, password=secrets[f"user-{service.user}"])
                for service in self._services
                if service.user is not None
            ),
            endpoints=tuple(
                CatalogEndpoint(
                    service=service.name,
                    type=endpoint.type,
                    url=f"http://127.0.0.1:{ports[endpoint.port]}{endpoint.path}",
                )
                for service in self._services
                for endpoint in service.endpoints
            ),
        )

    def _template_key(self, lock_digest: str) -> str:
        profile = self._given.identity.profile
        parts = [
            f"{service.name} {service.databases} {command.name} {command.argv}"
            for service in self._services
            for command in commands_of(service, profile)
            if command.phase is Phase.SCHEMA
        ]
        return _digest(lock_digest, *parts)

    def _assert_no_secret_is_shown(self, units: Iterable[PlannedUnit], steps: Iterable[Step], entry: str) -> None:
        """A secret belongs into a file: argv and environment can be read by others, or end in logs."""
        shown: dict[str, str] = {"the entry script": entry}
        shown |= {unit.name: repr((unit.argv, unit.environment)) for unit in units}
        shown |= {
            step.name: repr((step.action.argv, step.action.environment))
            for step in steps
            if isinstance(step.action, RunCommand)
        }
        for name, secret in self._given.secrets.items():
            for where, text in shown.items():
                if secret in text:
                    raise DocumentError(f"The blueprint puts the secret {name} into the command line of {where}.")


def _assert_possible(steps: Iterable[Step]) -> None:
    """Raise DocumentError for a step that waits for an unknown one, two of one name, and circles."""
    known: dict[str, frozenset[str]] = {}
    for step in steps:
        if step.name in known:
            raise DocumentError(f"Two steps of the blueprint are called {step.name}.")
        known[step.name] = step.after
    for name, after in known.items():
        for unknown in sorted(after - known.keys()):
            raise DocumentError(f"{name} waits for {unknown}, which this profile does not have.")
    try:
        TopologicalSorter(known).prepare()
    except CycleError as error:
        raise DocumentError(f"These steps wait for each other: {' → '.join(error.args[1])}.") from None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
