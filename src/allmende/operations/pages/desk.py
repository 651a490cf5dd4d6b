"""The page of the desk on which who runs clouds opens their status pages and speaks there."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from uuid import uuid4

from starlette.requests import Request

from allmende.errors import UsageError
from allmende.operations.model.status import Action, Automatic, Impact, Incident, PhaseReference
from allmende.operations.pages import address_of, state_of
from allmende.operations.rules import post_mortem
from allmende.operations.run import incidents, pages, view
from allmende.storage.database import Database
from allmende.web.forms import Form


class SpeakingAccount(Protocol):
    """An account, and the subjects for which it may speak."""

    @property
    def subjects(self) -> Collection[str]:
        """The ids of the subjects."""
        ...


class Speaker(Protocol):
    """Who is signed in."""

    @property
    def account(self) -> SpeakingAccount:
        """Their account."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStatus:
    """A cloud of who is signed in: what its page shows and offers; None when it has none."""

    cloud: str
    view: view.StatusView | None
    told: tuple[Incident, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStatusPages:
    """What who runs clouds does on their status pages. `services` returns what is measured of a cloud since then."""

    database: Database
    clock: Callable[[], datetime]
    services: Callable[[str], Collection[str]]
    address: str = "/desk/status"
    template: str = "desk/status.html"
    role: None = None

    def shown(self, visit: Speaker, request: Request) -> Mapping[str, object]:  # noqa: ARG002 -- the same for every page
        """Return the clouds of this account, with what is said of them, drafts too."""
        return {
            "clouds": [self._own(cloud) for cloud in sorted(visit.account.subjects)],
            "ways": tuple(Automatic),
            "address_of": address_of,
            "state_of": state_of,
        }

    def acts(self) -> Mapping[str, Callable[[Form, Speaker], None]]:
        """Return what can be done."""
        return {
            "open": self._open,
            "begin": self._begin,
            "draft": self._begin,
            "say": self._say,
            "publish": self._publish,
            "end": self._end,
            "withdraw": self._withdraw,
            "learn": self._learn,
        }

    def _own(self, cloud: str) -> OwnStatus:
        if cloud not in {page.cloud for page in pages.all_pages(self.database)}:
            return OwnStatus(cloud=cloud, view=None, told=())
        now = self.clock()
        shown = view.status_view(self.database, cloud, lambda _, __: {}, now)
        return OwnStatus(cloud=cloud, view=shown, told=incidents.between(self.database, cloud, None, None, drafts=True))

    def _open(self, form: Form, visit: Speaker) -> None:
        cloud = _cloud(form, visit)
        wish = form.one("automatic")
        if wish not in list(Automatic):
            raise UsageError("It is not said what becomes of alarms.", hint="Choose one of the three.")
        pages.open_page(self.database, cloud, Automatic(wish), self.services(cloud), self.clock())

    def _begin(self, form: Form, visit: Speaker) -> None:
        cloud, now = _cloud(form, visit), self.clock()
        types = {each.name: each.id for each in pages.impact_types(self.database, cloud)}
        components = {each.name: each.id for each in pages.components(self.database, cloud)}
        severities = {each.name: each.value for each in pages.severities(self.database, cloud)}
        chosen = form.all("component")
        if not chosen or form.one("severity") not in severities or form.one("type") not in types:
            raise UsageError("It is not said what is affected, and how.", hint="Choose components, severity and type.")
        made = Incident(
            id=uuid4(),
            cloud=cloud,
            name=form.one("name"),
            description=form.one("text"),
            affects=tuple(
                Impact(
                    type=types[form.one("type")], component=components[name], severity=severities[form.one("severity")]
                )
                for name in chosen
                if name in components
            ),
            began_at=form.moment("since") or now,
            ended_at=form.moment("until"),
            published_at=now if form.one("act") == "begin" else None,
        )
        incidents.begin(self.database, made, now)

    def _say(self, form: Form, visit: Speaker) -> None:
        cloud, id_ = _cloud(form, visit), form.id("incident")
        if not form.one("name"):
            raise UsageError("It is not said what is new.", hint="Say it in few words.")
        newest = pages.phases(self.database, cloud)
        now = self.clock()
        incidents.say(self.database, cloud, id_, (form.one("name"), form.one("text")), now, now)
        if form.one("phase") in newest.names:
            phase = PhaseReference(generation=newest.generation, order=newest.names.index(form.one("phase")))
            incidents.change(self.database, cloud, id_, lambda before: replace(before, phase=phase), now)

    def _publish(self, form: Form, visit: Speaker) -> None:
        now = self.clock()
        cloud = _cloud(form, visit)
        incidents.change(self.database, cloud, form.id("incident"), lambda before: incidents.publish(before, now), now)

    def _end(self, form: Form, visit: Speaker) -> None:
        now = self.clock()
        cloud = _cloud(form, visit)
        incidents.end(self.database, cloud, form.id("incident"), now, now)

    def _withdraw(self, form: Form, visit: Speaker) -> None:
        incidents.remove(self.database, _cloud(form, visit), form.id("incident"), self.clock())

    def _learn(self, form: Form, visit: Speaker) -> None:
        cloud, id_ = _cloud(form, visit), form.id("incident")
        begun = post_mortem.begun(incidents.one(self.database, cloud, id_, drafts=True))
        written = replace(
            begun,
            summary=form.one("summary"),
            impact=form.one("impact"),
            causes=form.one("causes"),
            actions=tuple(_action(line) for line in form.one("actions").splitlines() if line.strip()),
        )
        incidents.learn(self.database, cloud, id_, post_mortem.read(post_mortem.plain(written)), self.clock())


def _cloud(form: Form, visit: Speaker) -> str:
    cloud = form.one("cloud")
    if cloud not in visit.account.subjects:
        raise UsageError(f"This account does not speak for {cloud}.", hint="Ask who runs the registry to grant it.")
    return cloud


def _action(line: str) -> Action:
    """Return the action of a line «what; owner; day», and the day on which it was done where that is a fourth part."""
    parts = [part.strip() for part in line.split(";")]
    try:
        what, owner, due, *done = parts
        return Action(
            what=what, owner=owner, due=date.fromisoformat(due), done=date.fromisoformat(done[0]) if done else None
        )
    except ValueError:
        raise UsageError(
            f"«{line.strip()}» is no action.",
            hint="Like this: what; owner; 2026-12-24, and when it was done, if it was",
        ) from None
