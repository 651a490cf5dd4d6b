"""What happened, as feeds of the whole registry and of each subject."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.registry.model.events import Event
from allmende.registry.model.record import Subject
from allmende.registry.pages.remembered import remembered
from allmende.registry.run import read
from allmende.registry.run.registry import Registry
from allmende.web.feed import FEED_FORMS, Entry, Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPages:
    """The feeds; what is shown is what subscriptions are told of, except what ends soon."""

    registry: Registry
    clock: Callable[[], datetime]

    def routes(self) -> list[BaseRoute]:
        """Return the routes of every feed in every form."""
        return [
            Route(f"{place}/changes.{form}", self.feed, name=f"{name}-{form}")
            for place, name in (("", "changes"), ("/subjects/{subject}", "subject-changes"))
            for form in FEED_FORMS
        ]

    def feed(self, request: Request) -> Response:
        """Tell what happened lately, of one subject or of all."""

        def written() -> bytes:
            found = None if subject is None else read.subject_called(self.registry, subject)
            return write(_feed(found, read.happened(self.registry, subject), origin, now))

        subject, now = request.path_params.get("subject"), self.clock()
        media_type, write = FEED_FORMS[request.url.path.rpartition(".")[2]]
        origin = str(request.base_url).rstrip("/")
        state = read.state(self.registry) if subject is None else read.state_of(self.registry, subject)
        return Response(remembered(self.registry, request, state, now, written), media_type=media_type)


def _feed(subject: Subject | None, events: Sequence[Event], origin: str, now: datetime) -> Feed:
    page = f"{origin}/subjects/{quote(subject.id, safe='')}" if subject else origin
    return Feed(
        title=f"{subject.name}: what changed" if subject else "What changed in the registry",
        author=(subject.operator or subject.name) if subject else "Allmende",
        home=page if subject else f"{origin}/",
        page=page,
        entries=[
            Entry(
                id=f"{origin}/changes#{event.id}",
                at=event.at,
                said=event.said,
                kind=event.kind,
                address=f"{origin}{event.page}",
            )
            for event in events
        ],
        now=now,
    )
