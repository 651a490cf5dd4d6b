"""Lists that come in pages: where the next one is, and all of them as one list."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from allmende.clouds.answer import Answer
from allmende.errors import CloudProtocolError

MOST_PAGES = 1000


async def whole_list(
    fetch: Callable[[Mapping[str, str]], Awaitable[Answer]], key: str, query: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the objects under `key` in every page; `fetch` gets the query of a page.

    Raises CloudProtocolError where an answer has no such list, or where the pages point at each other.
    """
    found: list[dict[str, Any]] = []
    seen: list[Mapping[str, str]] = []
    while True:
        answer = await fetch(query)
        document = answer.object()
        page = document.get(key)
        if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
            raise CloudProtocolError(
                f"{answer.call}: the answer has no list `{key}`.",
                hint="Compare the endpoint in the catalog with where the service really is.",
                request_id=answer.request_id,
            )
        found += page
        following = next_page(document, key)
        if following is None or not page:
            return found
        seen.append(query)
        query = {**query, **following}
        if query in seen or len(seen) > MOST_PAGES:
            raise CloudProtocolError(
                f"{answer.call}: the list never ends, its pages point at each other.",
                hint="Tell the cloud's administrator: links to the next page are wrong.",
                request_id=answer.request_id,
            )


def next_page(document: Mapping[str, Any], key: str) -> dict[str, str] | None:
    """Return the query of the page that follows, or None on the last one.

    Services differ: nova, cinder and octavia give `<key>_links`, glance and barbican `next`, keystone `links.next`.
    Only the query is used: behind a proxy the host and scheme of these links are often those of the inside.
    """
    links = document.get("links")
    candidates = [document.get("next"), links.get("next") if isinstance(links, dict) else None]
    for relations in (document.get(f"{key}_links"), document.get(f"{key.removesuffix('s')}_links")):
        links_of_page = relations if isinstance(relations, list) else []
        candidates += [
            link.get("href") for link in links_of_page if isinstance(link, dict) and link.get("rel") == "next"
        ]
    for candidate in candidates:
        if isinstance(candidate, str) and candidate:
            return dict(parse_qsl(urlsplit(candidate).query))
    return None
