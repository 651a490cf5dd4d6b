"""What happened, as a feed: Atom (RFC 4287) and JSON Feed 1.1."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from pydantic_core import to_json

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened; no other entry ever has this `id`, and `address` is the page that tells more."""

    id: str
    at: datetime
    said: str
    kind: str
    address: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What happened, newest first; `page` is the address of what it is about, without an ending of its own."""

    title: str
    author: str
    home: str
    page: str
    entries: Sequence[Entry]
    now: datetime


def _atom(feed: Feed) -> bytes:
    root = ET.Element("feed", xmlns=_ATOM)
    updated = feed.entries[0].at if feed.entries else feed.now
    _texts(root, id=feed.home, title=feed.title, updated=updated.isoformat())
    ET.SubElement(root, "link", rel="self", href=f"{feed.page}/changes.atom")
    ET.SubElement(root, "link", href=feed.home)
    _texts(ET.SubElement(root, "author"), name=feed.author)
    for each in feed.entries:
        entry = ET.SubElement(root, "entry")
        _texts(entry, id=each.id, title=each.said, updated=each.at.isoformat())
        if each.text:
            _texts(entry, summary=each.text)
        ET.SubElement(entry, "category", term=each.kind)
        ET.SubElement(entry, "link", href=each.address)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root)


def _json(feed: Feed) -> bytes:
    items = [
        {
            "id": each.id,
            "url": each.address,
            "content_text": f"{each.said}\n{each.text}" if each.text else each.said,
            "date_published": each.at.isoformat(),
            "tags": [each.kind],
        }
        for each in feed.entries
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


FEED_FORMS: Mapping[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", _atom),
    "json": ("application/feed+json", _json),
}
"""The media type of each form, by the ending of its address, and what writes it."""
