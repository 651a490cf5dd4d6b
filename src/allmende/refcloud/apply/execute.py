"""Taking the steps of a plan: each as soon as what it waits for is done, all that can be at the same time."""

import asyncio
from pathlib import Path
from time import monotonic
from typing import assert_never

from allmende.refcloud.apply.door import OperatorDoor
from allmende.refcloud.apply.enclosure import inside
from allmende.refcloud.apply.program import run_program
from allmende.refcloud.apply.progress import Progress, all_of
from allmende.refcloud.apply.record import Memory, Running
from allmende.refcloud.apply.register import register
from allmende.refcloud.apply.start import Starts
from allmende.refcloud.apply.supervisor import Supervisor
from allmende.refcloud.apply.template import keep_template, make_database_files
from allmende.refcloud.model.blueprint import Phase
from allmende.refcloud.model.cloud import Places
from allmende.refcloud.model.plan import (
    KeepTemplate,
    MakeDatabaseFiles,
    Plan,
    Register,
    RunCommand,
    StartUnit,
    Step,
)

_MIGRATIONS_AT_A_TIME = 3


class Execution:
    """One pass through the steps of a plan, on a cloud whose supervisor runs."""

    def __init__(
        self,
        plan: Plan,
        places: Places,
        memory: Memory,
        running: Running,
        supervisor: Supervisor,
        *,
        template: Path,
        operator: OperatorDoor,
        progress: Progress,
    ) -> None:
        self._plan = plan
        self._places = places
        self._memory = memory
        self._running = running
        self._template = template
        self._operator = operator
        self._progress = progress
        self._supervisor = supervisor
        self._starts = Starts(plan, places, running, supervisor, operator)
        self._migrations = asyncio.Semaphore(_MIGRATIONS_AT_A_TIME)

    async def run(self) -> None:
        """Take every step; raise the error of the first that fails, after ending the others."""
        done = {step.name: asyncio.Event() for step in self._plan.steps}

        async def take(step: Step) -> None:
            for name in step.after:
                await done[name].wait()
            started = monotonic()
            self._progress(step.name, done=False)
            await self._take(step)
            done[step.name].set()
            self._progress(step.name, done=True, seconds=monotonic() - started)

        async with self._starts.watched():
            await all_of(take(step) for step in self._plan.steps)

    async def _take(self, step: Step) -> None:
        match step.action:
            case RunCommand() as command:
                await self._command(step.name, command)
            case StartUnit() as start:
                await self._starts.start(start)
            case MakeDatabaseFiles():
                await self._database_files()
            case KeepTemplate():
                await self._keep_template()
            case Register() as registration:
                await self._register(step.name, registration)
            case _:
                assert_never(step.action)

    async def _command(self, name: str, command: RunCommand) -> None:
        for_ever = command.phase is not Phase.START
        if for_ever and self._memory.done().get(name) == command.digest:
            return
        if command.creates is not None and command.creates.exists():
            return
        if command.phase is Phase.SCHEMA:
            async with self._migrations:
                await self._run(name, command)
        else:
            await self._run(name, command)
        if for_ever:
            self._memory.mark_done({name: command.digest})

    async def _run(self, name: str, command: RunCommand) -> None:
        file = command.environment_file
        lines = file.read_text("utf-8").splitlines() if file else []
        extra = dict(line.split("=", 1) for line in lines if line)
        await run_program(
            inside(self._running, command.argv),
            log=self._places.log / f"{name}.log",
            environment={**self._plan.environment, **command.environment, **extra},
            what=name,
        )

    async def _database_files(self) -> None:
        came = await make_database_files(
            self._places.state / "mariadb", self._template, self._places.log / "database-files.log"
        )
        if came:
            self._memory.mark_done(self._schema_digests() | {"template": self._plan.template_key})

    async def _keep_template(self) -> None:
        """Pack what the migrations made, while the server is stopped for a moment: nothing else uses it yet."""
        if self._template.exists() or "template" in self._memory.done():
            return
        await self._supervisor.stop("mariadb")
        await keep_template(self._places.state / "mariadb", self._template, self._places.log / "template.log")
        self._memory.mark_done({"template": self._plan.template_key})
        start = next(step.action for step in self._plan.steps if step.name == "mariadb")
        if isinstance(start, StartUnit):
            await self._starts.start(start)

    def _schema_digests(self) -> dict[str, str]:
        return {
            step.name: step.action.digest
            for step in self._plan.steps
            if isinstance(step.action, RunCommand) and step.action.phase is Phase.SCHEMA
        }

    async def _register(self, name: str, registration: Register) -> None:
        if self._memory.done().get(name) == registration.digest:
            return
        await register(await self._operator(), self._plan.catalogue)
        await self._operator.close()
        self._memory.mark_done({name: registration.digest})
