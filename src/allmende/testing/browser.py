"""Opens the pages of an application and reads them as elements, to test what a reader meets."""

import asyncio
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx
from starlette.types import ASGIApp

INLINE = frozenset({"a", "code", "img", "span", "strong", "time"})
VOID = frozenset({"br", "col", "img", "input", "link", "meta"})


@dataclass(kw_only=True)
class Element:
    """An element with all the text in it, white space folded."""

    tag: str
    attributes: dict[str, str]
    path: tuple[str, ...]
    text: str = ""

    @property
    def classes(self) -> set[str]:
        """The CSS classes."""
        return set(self.attributes.get("class", "").split())


class Page(HTMLParser):
    """A page as its elements, in order; ValueError when one is closed in the wrong place or never."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()
        if self._open:
            raise ValueError(f"Never closed: {[element.tag for element in self._open]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        attributes = {name: value or "" for name, value in attrs}
        if len(attributes) != len(attrs):
            raise ValueError(f"An attribute stands twice on <{tag}>.")
        self._part(tag)
        element = Element(tag=tag, attributes=attributes, path=tuple(e.tag for e in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element that has no content."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        element = self._open.pop()
        if element.tag != tag:
            raise ValueError(f"</{tag}> closes <{element.tag}>.")
        element.text = " ".join(element.text.split())
        self._part(tag)

    def handle_data(self, data: str) -> None:
        """Give the text to every element that is open."""
        for element in self._open:
            element.text += data

    def _part(self, tag: str) -> None:
        """Keep the text of blocks apart, as a reader sees them."""
        if tag not in INLINE:
            self.handle_data(" ")

    def all(self, tag: str, *classes: str) -> list[Element]:
        """Return the elements with this tag and all these classes."""
        return [e for e in self.elements if e.tag == tag and e.classes >= set(classes)]

    def texts(self, tag: str, *classes: str) -> list[str]:
        """Return the texts of these elements."""
        return [element.text for element in self.all(tag, *classes)]

    def one(self, tag: str, *classes: str) -> Element:
        """Return the only such element; ValueError when there are more or none."""
        (found,) = self.all(tag, *classes)
        return found

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        return self.one("body").text


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Opens pages of the application as a browser does."""

    app: ASGIApp

    def get(self, address: str, status: int = 200) -> Page:
        """Return the page at this address; ValueError when it answers another status or no page."""
        response = self.response(address)
        if response.status_code != status or response.headers["Content-Type"] != "text/html; charset=utf-8":
            raise ValueError(f"{address} answers {response.status_code}: {response.text[:500]}")
        return Page(response.text)

    def response(self, address: str, **headers: str) -> httpx.Response:
        """Return the answer as it came; `If_None_Match` as an argument is the header If-None-Match."""
        asked = {"Accept": "text/html,*/*;q=0.8", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return asyncio.run(self._response(address, asked))

    async def _response(self, address: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://registry.test") as client:
            return await client.get(address, headers=headers)
