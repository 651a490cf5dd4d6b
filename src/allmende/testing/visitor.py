"""Somebody who signs in and fills in forms, as a browser without scripts does."""

from collections.abc import Mapping, Sequence
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
        return await self.client.post(address, data=await self._filled(address, act, fields), headers=HTML)

    async def hand_in(self, address: str, act: str, contents: Sequence[bytes], /, **fields: str) -> httpx.Response:
        """Do the same with a form that has a field `files`, in which files with these contents are chosen."""
        files = [("files", (f"{place}.bin", content)) for place, content in enumerate(contents)]
        data = await self._filled(address, act, fields)
        return await self.client.post(address, data=data, files=files, headers=HTML)

    async def _filled(
        self, address: str, act: str, fields: Mapping[str, str | Sequence[str]]
    ) -> dict[str, str | Sequence[str]]:
        page = await self.open(address)
        tokens = {e.attributes["value"] for e in page.all("input") if e.attributes.get("name") == "form_token"}
        return {"form_token": tokens.pop(), "act": act, **fields}
