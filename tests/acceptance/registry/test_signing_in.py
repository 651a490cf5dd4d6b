"""People sign in and out; nobody else does it for them, and no other site."""

from datetime import datetime, timedelta

import httpx
import pytest

from allmende.errors import UnknownNameError
from allmende.registry.run import administer, sign_in
from allmende.registry.run.registry import Registry
from allmende.server import create_app
from allmende.testing.browser import Page
from allmende.testing.registry import Operator, notary_of
from allmende.testing.visitor import HTML, PASSWORD, Visitor, choose_password


@pytest.fixture
def visitor(client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime) -> Visitor:
    choose_password(registry, operator.account, now)
    return Visitor(client=client)


async def test_who_is_not_signed_in_is_asked_to_and_led_back(client: httpx.AsyncClient, visitor: Visitor) -> None:
    sent_off = await client.get("/desk/access", headers=HTML)
    assert (sent_off.status_code, sent_off.headers["Location"]) == (303, "/sign-in?next=%2Fdesk%2Faccess")
    page = await visitor.open(sent_off.headers["Location"])
    (place,) = [e.attributes["value"] for e in page.all("input") if e.attributes["name"] == "next"]
    led_back = await visitor.sign_in("operator", place=place)
    assert (led_back.status_code, led_back.headers["Location"]) == (303, "/desk/access")
    assert "Signed in as operator" in (await visitor.open("/desk/access")).text


@pytest.mark.parametrize(("account", "password"), [("operator", "wrong wrong wrong"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_are_told_the_same(
    visitor: Visitor, client: httpx.AsyncClient, account: str, password: str
) -> None:
    answer = await visitor.sign_in(account, password)
    assert answer.status_code == 422
    assert "There is no account with this name and password." in Page(answer.text).text
    assert password not in answer.text or not password
    assert not client.cookies


async def test_the_cookie_is_for_this_site_alone_and_its_secret_is_not_kept(
    visitor: Visitor, client: httpx.AsyncClient, registry: Registry, now: datetime
) -> None:
    cookie = (await visitor.sign_in("operator")).headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=43200"} <= set(cookie.split("; "))
    secret = client.cookies["session"]
    with registry.database.reading() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM sessions").all())
    assert "operator" in kept
    assert secret not in kept


async def test_over_tls_the_cookie_can_be_set_by_this_host_only(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    choose_password(registry, operator.account, now)
    app = create_app(registry, lambda: now, notary_of(registry, now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://registry") as client:
        cookie = (await Visitor(client=client).sign_in("operator")).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_signing_out_ends_the_session_also_for_who_kept_the_cookie(
    visitor: Visitor, client: httpx.AsyncClient
) -> None:
    await visitor.sign_in("operator")
    kept = client.cookies["session"]
    page = await visitor.open("/desk")
    (token,) = {e.attributes["value"] for e in page.all("input") if e.attributes["name"] == "form_token"}
    assert (await client.post("/sign-out", data={"form_token": token})).headers["Location"] == "/"
    client.cookies.set("session", kept)
    assert (await client.get("/desk", headers=HTML)).status_code == 303


async def test_who_signs_in_gets_a_new_session_and_the_one_before_ends(
    visitor: Visitor, client: httpx.AsyncClient
) -> None:
    """Nobody can have put a session of their choice into the browser before."""
    client.cookies.set("session", "a" * 64, domain="registry.local", path="/")
    await visitor.sign_in("operator")
    first = client.cookies["session"]
    assert first != "a" * 64
    await visitor.sign_in("operator")
    assert client.cookies["session"] != first
    client.cookies.clear()
    client.cookies.set("session", first)
    assert (await client.get("/desk", headers=HTML)).status_code == 303


async def test_a_session_ends_by_itself(registry: Registry, operator: Operator, now: datetime) -> None:
    choose_password(registry, operator.account, now)
    moment = [now]
    app = create_app(registry, lambda: moment[0], notary_of(registry, now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://registry") as client:
        await Visitor(client=client).sign_in("operator")
        for hours, status in ((11, 200), (12, 303)):
            moment[0] = now + timedelta(hours=hours)
            assert (await client.get("/desk", headers=HTML)).status_code == status


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/desk/../..",
        "/desk//evil.example",
        "/table",
        "desk",
    ],
)
async def test_signing_in_leads_nowhere_but_to_the_desk(visitor: Visitor, place: str) -> None:
    answer = await visitor.sign_in("operator", place=place)
    assert answer.headers["Location"] == "/desk"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form_token": ""}, {}),
        ({"form_token": "0" * 64}, {}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Content-Type": "text/plain"}),
    ],
)
async def test_what_another_site_sends_does_nothing(
    visitor: Visitor,
    client: httpx.AsyncClient,
    registry: Registry,
    fields: dict[str, str],
    headers: dict[str, str],
) -> None:
    await visitor.sign_in("operator")
    page = await visitor.open("/desk/access")
    token = next(e.attributes["value"] for e in page.all("input") if e.attributes["name"] == "form_token")
    before = administer.list_tokens(registry, "operator")
    data = {"act": "end-token", "id": before[0].id, "form_token": token}
    answer = await client.post("/desk/access", data={**data, **fields}, headers=headers)
    assert answer.status_code in (403, 415)
    assert administer.list_tokens(registry, "operator") == before
    assert (await client.post("/desk/access", data=data)).status_code == 303
    assert administer.list_tokens(registry, "operator") != before


async def test_nobody_is_signed_in_by_another_site(visitor: Visitor, client: httpx.AsyncClient) -> None:
    fields = {"account": "operator", "password": PASSWORD}
    answer = await client.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not client.cookies


async def test_guessing_passwords_becomes_slow_and_the_right_one_waits_too(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    choose_password(registry, operator.account, now)
    moment = [now]
    app = create_app(registry, lambda: moment[0], notary_of(registry, now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://registry") as client:
        visitor = Visitor(client=client)
        statuses = [(await visitor.sign_in("operator", f"wrong password {n}")).status_code for n in range(4)]
        assert statuses == [422] * 4
        refused = await visitor.sign_in("operator")
        assert refused.status_code == 429
        assert "Try again in 16 s" in refused.text
        moment[0] += timedelta(seconds=16)
        assert (await visitor.sign_in("operator")).status_code == 303
        assert (await visitor.sign_in("operator", "wrong password again")).status_code == 422


async def test_an_invitation_lets_somebody_choose_a_password_once(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    secret = sign_in.invite(registry, "operator", b"r" * 32, now)
    visitor = Visitor(client=client)
    assert "Choose a password for operator" in (await visitor.open(f"/invitations/{secret}")).text
    for first, second, said in (
        ("short", "short", "12 characters at least"),
        ("my name is operator", "my name is operator", "easily guessed"),
        (PASSWORD, PASSWORD + "!", "differ"),
    ):
        answer = await client.post(f"/invitations/{secret}", data={"password": first, "again": second})
        assert answer.status_code == 422
        assert said in answer.text
    answer = await client.post(f"/invitations/{secret}", data={"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["Location"] == "/sign-in?chosen"
    assert (await client.get(f"/invitations/{secret}", headers=HTML)).status_code == 404
    assert (await visitor.sign_in("operator")).status_code == 303


async def test_an_invitation_ends_after_a_week_and_by_the_next_one(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    first = sign_in.invite(registry, "operator", b"1" * 32, now)
    second = sign_in.invite(registry, "operator", b"2" * 32, now)
    for secret, at in ((first, now), (second, now + timedelta(days=7))):
        with pytest.raises(UnknownNameError, match="This invitation was used, has ended"):
            sign_in.invitation(registry, secret, at)
    assert sign_in.invitation(registry, second, now).account == "operator"


async def test_a_new_password_ends_every_session(visitor: Visitor, client: httpx.AsyncClient) -> None:
    await visitor.sign_in("operator")
    fields = {"old": PASSWORD, "new": "a better one, and longer", "again": "a better one, and longer"}
    wrong = await visitor.send("/desk/access", "change-password", **{**fields, "old": "not the old one"})
    assert wrong.status_code == 422
    assert (await visitor.send("/desk/access", "change-password", **fields)).status_code == 303
    assert (await client.get("/desk", headers=HTML)).headers["Location"] == "/sign-in?next=%2Fdesk"
    assert (await visitor.sign_in("operator")).status_code == 422
    assert (await visitor.sign_in("operator", "a better one, and longer")).status_code == 303


async def test_what_is_for_one_reader_is_kept_nowhere_and_public_pages_are_the_same_for_all(
    visitor: Visitor, client: httpx.AsyncClient
) -> None:
    stranger = (await client.get("/", headers=HTML)).text
    await visitor.sign_in("operator")
    assert (await client.get("/", headers=HTML)).text == stranger
    answer = await client.get("/desk", headers=HTML)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert "form-action 'none'" in (await client.get("/", headers=HTML)).headers["Content-Security-Policy"]


async def test_a_form_is_read_up_to_its_limit(client: httpx.AsyncClient, visitor: Visitor) -> None:
    for body, status in ((b"a=" + b"x" * 70_000, 413), (b"&".join([b"a=1"] * 3000), 400), (b"a=%ff", 400)):
        media_type = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await client.post("/sign-in", content=body, headers=media_type)).status_code == status
