"""Somebody who signs in and fills in forms, as a browser without scripts does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from allmende.registry.run import sign_in
from allmende.registry.run.registry import Registry
from allmende.testing.browser import Page

PASSWORD = "correct horse battery staple"  # noqa: S105 -- of tests
HTML = {"Accept": "text/html"}


def choose_password(registry: Registry, account: str, now: datetime, password: str = PASSWORD) -> None:
    """Give the account a password, by an invitation that is taken up."""
    secret = sign_in.invite(registry, account, account.encode().ljust(32, b"-"), now)
    refused = sign_in.take_up(registry, secret, password, now)
    if refused is not None:
        raise ValueError(refused.detail)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Opens pages and sends their forms; the client keeps the cookies."""

    client: httpx.AsyncClient

    async def sign_in(self, account: str, password: str = PASSWORD, place: str = "") -> httpx.Response:
        """Send the form of the page for signing in."""
        fields = {"account": account, "password": password, "next": place}
        return await self.client.post("/sign-in", data=fields, headers=HTML)

    async def open(self, address: str) -> Page:
        """Return the page at this address; ValueError when it is not shown."""
        answer = await self.client.get(address, headers=HTML)
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"{address} answers {answer.status_code}: {answer.text[:400]}")
        return Page(answer.text)

    async def send(self, address: str, act: str, /, **fields: str | Sequence[str]) -> httpx.Response:
        """Open a page of the desk and press one of its buttons; the form carries what the page put into it."""
        page = await self.open(address)
        tokens = {e.attributes["value"] for e in page.all("input") if e.attributes.get("name") == "form_token"}
        data = {"form_token": tokens.pop(), "act": act, **fields}
        return await self.client.post(address, data=data, headers=HTML)
