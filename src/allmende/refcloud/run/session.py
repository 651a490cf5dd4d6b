"""One command on one reference cloud: the order of things, and what happens at the same time."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from allmende.config import Directories
from allmende.errors import ReferenceCloudError, UnknownNameError, UsageError
from allmende.refcloud.apply.addresses import address_of, furniture_of, write_member, write_operator
from allmende.refcloud.apply.assign import assign
from allmende.refcloud.apply.damage.machine import Machine
from allmende.refcloud.apply.damage.memory import DamageMemory
from allmende.refcloud.apply.damage.things import Things
from allmende.refcloud.apply.damage.workshop import Workshop
from allmende.refcloud.apply.door import OperatorDoor, operator_door
from allmende.refcloud.apply.enclosure import is_alive
from allmende.refcloud.apply.environment import environment_path, has_environment, lock_digest
from allmende.refcloud.apply.execute import Execution
from allmende.refcloud.apply.furnish import furnish
from allmende.refcloud.apply.hypervisor import probe
from allmende.refcloud.apply.launch import clean_up, is_running, launch, stop
from allmende.refcloud.apply.machine import prepare_machine
from allmende.refcloud.apply.observe import UnitStatus, observe
from allmende.refcloud.apply.preflight import preflight
from allmende.refcloud.apply.progress import Progress, all_of, remarks, shown
from allmende.refcloud.apply.record import Memory, Record, Running, locked, write_private
from allmende.refcloud.apply.start import Starts
from allmende.refcloud.apply.supervisor import Supervisor
from allmende.refcloud.fetch import catalogue
from allmende.refcloud.fetch.images import built_images, small_payload
from allmende.refcloud.fetch.published import published_images
from allmende.refcloud.model.blueprint import Blueprint
from allmende.refcloud.model.cloud import CloudAddress, Given, HostAbilities, Places, Profile
from allmende.refcloud.model.defects import Defect
from allmende.refcloud.model.images import GuestImage
from allmende.refcloud.model.plan import Plan
from allmende.refcloud.rules.defects import assert_compatible, chosen, load_defects
from allmende.refcloud.rules.plan import CATALOG, plan
from allmende.refcloud.rules.selection import secret_kinds

DEFAULT_NAME = "reference"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
_SUPERVISOR = (sys.executable, "-m", "allmende.refcloud.apply.supervisord")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the user wants of a cloud. Without a profile: the one it has, or `core`.

    Images that scs-0104 names are fetched from their makers, unless `published_images` is False; what cannot be had is
    absent.
    """

    today: date
    name: str = DEFAULT_NAME
    profile: Profile | None = None
    port_base: int | None = None
    published_images: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudStatus:
    """A cloud as it is now. Without `units` it does not run; `ready` says that its last `up` came to its end.

    `defects` are those that it was given on purpose and that are not mended yet.
    """

    name: str
    profile: Profile
    ready: bool
    address: CloudAddress
    units: tuple[UnitStatus, ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Which defects a cloud was given or freed of just now, and which of those asked for it already was so."""

    now: tuple[str, ...]
    before: tuple[str, ...]


class Session:
    """One command on one cloud."""

    def __init__(self, directories: Directories, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"`{name}` cannot be the name of a cloud.",
                hint="Up to 20 small letters, digits and hyphens, with a letter first.",
            )
        self._directories = directories
        self._name = name
        root = directories.clouds / name
        self.places = Places(root=root, venv=environment_path(directories.cache))
        self._memory = Memory(root)
        self._damage = DamageMemory(root)
        self._supervisor = Supervisor(self.places.run / "supervisor.sock")

    def locked(self) -> AbstractContextManager[None]:
        """Keep other commands off this cloud, also while its directory is removed."""
        return locked(
            self._directories.clouds / ".locks" / self._name,
            complaint=f"Another command is working on the cloud {self._name} at this moment.",
        )

    async def up(self, blueprint: Blueprint, options: UpOptions, progress: Progress) -> CloudAddress:
        """Do what is missing, and nothing else."""
        record, running = self._memory.record(), self._memory.running()
        if record is not None and running is not None and running.ready and is_alive(running):
            self._profile(options, record)
            if broken := self._broken():
                remarks(progress)(f"broken on purpose, and left so: {', '.join(broken)}")
            return address_of(self.given(record, {}))
        profile = self._profile(options, record)
        cache = self._directories.cache
        await preflight(self.places.root, cache, profile, needs_environment=not has_environment(self.places.venv))
        await prepare_machine(self.places.venv, self.places.log, progress)
        record = await self._assigned(blueprint, options, profile, progress)
        given = self.given(record, self._memory.secrets(secret_kinds(blueprint, profile)))
        planned = plan(blueprint, given, supervisor=_SUPERVISOR, lock_digest=lock_digest())
        if self._broken():
            self._memory.forget_done(CATALOG)  # other units cannot come up without what may be hidden there
        write_operator(given)
        running = await launch(planned, self.places, self._memory, self._supervisor)
        async with operator_door(address_of(given)) as operator:
            images: asyncio.Future[tuple[GuestImage, ...]] = asyncio.get_running_loop().create_future()
            await all_of(
                (
                    self._images(options, progress, images),
                    self._answering(planned, given, running, operator, images, progress),
                )
            )
        self._memory.remember_running(replace(running, ready=True))
        return address_of(given)

    async def _answering(
        self,
        planned: Plan,
        given: Given,
        running: Running,
        operator: OperatorDoor,
        images: "asyncio.Future[tuple[GuestImage, ...]]",
        progress: Progress,
    ) -> None:
        """Take every step of the plan; then furnish the cloud, and give its user the file to reach it."""
        await self._execution(planned, running, operator, progress).run()
        if broken := self._broken():
            remarks(progress)(f"was broken on purpose when it stopped, and comes up mended: {', '.join(broken)}")
            files = {str(file.path.relative_to(self.places.etc)): file.text for file in planned.files}
            async with self._workshop(planned, given, running, operator, progress) as workshop:
                await workshop.mend_all(chosen(load_defects(), broken), files)
        furnishing = furnish(await operator(), furniture_of(given), await images, remarks(progress))
        await shown(progress, "furnished", furnishing)
        write_member(given)

    def _profile(self, options: UpOptions, known: Record | None) -> Profile:
        """Return the profile to use: a cloud keeps the one that it was made with."""
        if known is None:
            return options.profile or Profile.CORE
        if options.profile not in (None, known.identity.profile):
            raise UsageError(
                f"The cloud {self._name} has the profile {known.identity.profile}.",
                hint=f"allmende cloud destroy --name {self._name} first, or take another --name.",
            )
        return known.identity.profile

    async def _assigned(self, blueprint: Blueprint, options: UpOptions, profile: Profile, progress: Progress) -> Record:
        """Return what the cloud is given: as it runs, or chosen anew where what it had is taken by now."""
        known = self._memory.record()
        if known is not None and is_alive(self._memory.running()):
            return known
        await clean_up(self.places, self._memory)
        virt_type = known.virt_type if known else await self._virt_type(options, profile, progress)
        return assign(
            blueprint,
            self._directories.clouds,
            self._memory,
            profile=profile,
            virt_type=virt_type,
            base=options.port_base,
        )

    async def _virt_type(self, options: UpOptions, profile: Profile, progress: Progress) -> str:
        """Return how guests run here; found out once per boot of this machine by really starting one."""
        if profile is Profile.API:
            return "qemu"
        found = self._directories.cache / f"hypervisor-{_BOOT.read_text('ascii').strip()}"
        if not found.exists():
            payload = await small_payload(self._directories.cache, options.today, remarks(progress))
            step = "trying to start a guest on the processor (KVM)"
            hypervisor = await shown(progress, step, probe(payload.kernel, payload.initramfs))
            remarks(progress)(hypervisor.evidence)
            write_private(found, hypervisor.virt_type)
        return found.read_text("ascii")

    async def _images(
        self, options: UpOptions, progress: Progress, images: "asyncio.Future[tuple[GuestImage, ...]]"
    ) -> None:
        """Build and fetch the guest images that are missing while the cloud comes up."""
        both = asyncio.gather(
            built_images(self._directories.cache, options.today, remarks(progress)),
            self._published_images(options, progress),
        )
        built, published = await shown(progress, "guest images", both)
        images.set_result((*built, *published))

    async def _published_images(self, options: UpOptions, progress: Progress) -> tuple[GuestImage, ...]:
        if not options.published_images:
            return ()
        remark = remarks(progress)
        ready, absent = await published_images(catalogue.published_images(), self._directories.cache, remark)
        for image in absent:
            remark(f"without the image «{image.name}»: {image.reason}")
        return ready

    def _execution(self, planned: Plan, running: Running, operator: OperatorDoor, progress: Progress) -> Execution:
        template = self._directories.cache / "databases" / f"{planned.template_key}.tar.zst"
        return Execution(
            planned,
            self.places,
            self._memory,
            running,
            self._supervisor,
            template=template,
            operator=operator,
            progress=progress,
        )

    async def break_on_purpose(self, blueprint: Blueprint, defects: tuple[Defect, ...], progress: Progress) -> Changed:
        """Give the cloud those of the defects that it does not have."""
        broken = self._broken()
        new = tuple(defect for defect in defects if defect.id not in broken)
        assert_compatible(new, chosen(load_defects(), broken))
        async with self._running_workshop(blueprint, progress) as workshop:
            await workshop.break_all(new)
        return _changed(defects, new)

    async def mend(self, blueprint: Blueprint, defects: tuple[Defect, ...], progress: Progress) -> Changed:
        """Mend those of the defects that the cloud has; all of them when none is given."""
        present = chosen(load_defects(), self._broken())
        old = tuple(defect for defect in present if not defects or defect in defects)
        if old:
            async with self._running_workshop(blueprint, progress) as workshop:
                await workshop.mend_all(old)
        return _changed(defects or old, old)

    def _broken(self) -> tuple[str, ...]:
        return tuple(damage.defect for damage in self._damage.damages())

    @asynccontextmanager
    async def _running_workshop(self, blueprint: Blueprint, progress: Progress) -> AsyncIterator[Workshop]:
        """Hold the workshop of a cloud that runs and is ready."""
        record, running = self.known(), self._memory.running()
        if running is None or not running.ready or not is_alive(running):
            raise ReferenceCloudError(
                f"The cloud {self._name} does not run.",
                hint=f"allmende cloud up --name {self._name} brings it up, and mends what was broken before.",
            )
        given = self.given(record, self._memory.secrets(secret_kinds(blueprint, record.identity.profile)))
        planned = plan(blueprint, given, supervisor=_SUPERVISOR, lock_digest=lock_digest())
        async with (
            operator_door(address_of(given)) as operator,
            self._workshop(planned, given, running, operator, progress) as workshop,
        ):
            yield workshop

    @asynccontextmanager
    async def _workshop(
        self, planned: Plan, given: Given, running: Running, operator: OperatorDoor, progress: Progress
    ) -> AsyncIterator[Workshop]:
        starts = Starts(planned, self.places, running, self._supervisor, operator)
        machine = Machine(planned, self.places, self._supervisor, starts)
        things = Things(operator, machine, furniture_of(given).account)
        async with starts.watched():
            yield Workshop(things, self._damage, operator, progress)

    async def down(self, progress: Progress) -> bool:
        """Stop the cloud if any process of it lives; clean up after it in any case."""
        if not is_running(self.places, self._memory):
            await clean_up(self.places, self._memory)
            return False
        await shown(progress, f"stopped {self._name}", stop(self.places, self._memory, self._supervisor))
        return True

    async def status(self, blueprint: Blueprint) -> CloudStatus:
        """Look at the cloud without changing anything."""
        record, running = self.known(), self._memory.running()
        units: tuple[UnitStatus, ...] = ()
        if running is not None and is_alive(running):
            states = await self._supervisor.states()
            ports = {
                unit.name: record.ports[unit.port]
                for service in blueprint.services
                for unit in service.units
                if unit.port is not None and unit.port in record.ports
            }
            units = tuple(observe(running, states, ports, self.places.log / "supervisor.log"))
        return CloudStatus(
            name=self._name,
            profile=record.identity.profile,
            ready=bool(units) and running is not None and running.ready,
            address=address_of(self.given(record, {})),
            units=units,
            defects=self._broken(),
        )

    def known(self) -> Record:
        """Return what is remembered of the cloud; raise UnknownNameError when there is none."""
        record = self._memory.record()
        if record is None:
            raise UnknownNameError(
                f"There is no reference cloud {self._name}.",
                hint="`allmende cloud list` shows which there are, `allmende cloud up` makes one.",
            )
        return record

    def given(self, record: Record, secrets: dict[str, str]) -> Given:
        """Return what the plan of the cloud is made from."""
        cpu_mode = "host-passthrough" if record.virt_type == "kvm" else "none"
        return Given(
            identity=record.identity,
            ports=record.ports,
            secrets=secrets,
            places=self.places,
            abilities=HostAbilities(virt_type=record.virt_type, cpu_mode=cpu_mode),
        )


def _changed(asked: tuple[Defect, ...], changed: tuple[Defect, ...]) -> Changed:
    return Changed(
        now=tuple(defect.id for defect in changed),
        before=tuple(defect.id for defect in asked if defect not in changed),
    )
