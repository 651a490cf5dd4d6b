"""What happened, as feeds: Atom (RFC 4287) and JSON Feed 1.1, of the whole registry and of each subject."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allmende.registry.model.events import Event
from allmende.registry.model.record import Subject
from allmende.registry.pages.remembered import remembered
from allmende.registry.run import read
from allmende.registry.run.registry import Registry

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What happened, newest first; `page` is the address of what it is about, without an ending of its own."""

    title: str
    author: str
    home: str
    page: str
    origin: str
    events: Sequence[Event]
    now: datetime

    def id_of(self, event: Event) -> str:
        """Return what no other entry is called, and this one always."""
        return f"{self.origin}/changes#{event.id}"


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
            for form in _FORMS
        ]

    def feed(self, request: Request) -> Response:
        """Tell what happened lately, of one subject or of all."""

        def written() -> bytes:
            found = None if subject is None else read.subject_called(self.registry, subject)
            return write(_feed(found, read.happened(self.registry, subject), origin, now))

        subject, now = request.path_params.get("subject"), self.clock()
        media_type, write = _FORMS[request.url.path.rpartition(".")[2]]
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
        origin=origin,
        events=events,
        now=now,
    )


def _atom(feed: Feed) -> bytes:
    root = ET.Element("feed", xmlns=_ATOM)
    updated = feed.events[0].at if feed.events else feed.now
    _texts(root, id=feed.home, title=feed.title, updated=updated.isoformat())
    ET.SubElement(root, "link", rel="self", href=f"{feed.page}/changes.atom")
    ET.SubElement(root, "link", href=feed.home)
    _texts(ET.SubElement(root, "author"), name=feed.author)
    for event in feed.events:
        entry = ET.SubElement(root, "entry")
        _texts(entry, id=feed.id_of(event), title=event.said, updated=event.at.isoformat())
        ET.SubElement(entry, "category", term=event.kind)
        ET.SubElement(entry, "link", href=f"{feed.origin}{event.page}")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root)


def _json(feed: Feed) -> bytes:
    items = [
        {
            "id": feed.id_of(event),
            "url": f"{feed.origin}{event.page}",
            "content_text": event.said,
            "date_published": event.at.isoformat(),
            "tags": [event.kind],
        }
        for event in feed.events
    ]
    return to_json(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": f"{feed.page}/changes.json",
            "authors": [{"name": feed.author}],
            "items": items,
        }
    )


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = text


_FORMS: Mapping[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", _atom),
    "json": ("application/feed+json", _json),
}
