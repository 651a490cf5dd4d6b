"""Who asked for it is told of what changed, once, and messages that did not arrive are tried again."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from standardwebhooks.webhooks import Webhook

from allmende.errors import SettingsError, UnknownNameError, UsageError
from allmende.outcome import Outcome
from allmende.registry.apply import webhook
from allmende.registry.apply.mail import mail_server
from allmende.registry.apply.undelivered import UndeliveredError
from allmende.registry.model.events import AlarmNote, Channel, DeliveryState, Event, EventKind
from allmende.registry.model.record import Receipt, Subject
from allmende.registry.rules.notifications import PAUSES
from allmende.registry.run import notify
from allmende.registry.run.accept import accept
from allmende.registry.run.administer import account_called
from allmende.registry.run.notify import Doors, Interest
from allmende.registry.run.read import happened
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form
from allmende.testing.registry import Operator, made_report, registered, token_for

RULES = "scs-0115-default-rules"


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as it is told."""

    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    status: ClassVar[int] = 204

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(({**self.headers, "path": self.path}, body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    Receiver.got, Receiver.status = [], 204
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: datetime.now(UTC)  # noqa: TID251 -- who receives a webhook holds its time against a real clock


HERE = Doors(origin="https://registry.example.org", private_allowed=True)


def reported(registry: Registry, operator: Operator, at: datetime, outcome: Outcome = Outcome.PASS) -> None:
    report = made_report(registry.standards, "cloud", at, {RULES: outcome})
    account = account_called(registry, operator.account)
    assert isinstance(accept(registry, account, Form.OWN, operator.body(report), at), Receipt)


def subscribed(registry: Registry, address: str, now: datetime, **interest: Any) -> tuple[UUID, str]:
    wish = Interest(channel=Channel.WEBHOOK, address=address, **interest)
    made = notify.subscribe(registry, "operator", wish, uuid4(), b"s" * 32, now)
    return made.id, made.secret


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def states(registry: Registry) -> list[tuple[DeliveryState, int]]:
    ((_, messages),) = notify.subscriptions(registry, "operator")
    return [(message.state, message.attempts) for message in messages]


def test_a_transition_is_told_of_once_and_signed(
    registry: Registry, operator: Operator, now: datetime, hook: str, clock: Callable[[], datetime]
) -> None:
    reported(registry, operator, now - timedelta(hours=4))
    _, secret = subscribed(registry, hook, now, kinds=frozenset({EventKind.TESTCASE}))
    for hours, outcome in ((3, Outcome.PASS), (2, Outcome.FAIL), (1, Outcome.FAIL)):
        reported(registry, operator, now - timedelta(hours=hours), outcome)
    assert notify.pump(registry, HERE, clock) == 1
    assert notify.pump(registry, HERE, clock) == 0
    ((headers, body),) = Receiver.got
    told = Webhook(secret).verify(body, headers)
    (event,) = told["events"]
    assert event["said"] == f"cloud: {RULES} is FAIL, before: PASS"
    assert event["page"].startswith("https://registry.example.org/reports/")
    assert states(registry) == [(DeliveryState.DELIVERED, 1)]
    with pytest.raises(Exception, match="No matching signature"):
        Webhook("eA==").verify(body, headers)


def test_the_past_is_not_told_of_and_others_subjects_are_not_mine(
    registry: Registry, operator: Operator, now: datetime, hook: str, clock: Callable[[], datetime]
) -> None:
    reported(registry, operator, now - timedelta(hours=4))
    registered(registry, "stranger", Subject(id="elsewhere", name="Elsewhere"), now=now)
    wish = Interest(channel=Channel.WEBHOOK, address=hook)
    notify.subscribe(registry, "stranger", wish, uuid4(), b"s" * 32, now)
    reported(registry, operator, now - timedelta(hours=2), Outcome.FAIL)
    assert notify.pump(registry, HERE, clock) == 0
    assert Receiver.got == []


def test_what_did_not_arrive_is_tried_again_and_given_up_in_the_end(
    registry: Registry, operator: Operator, now: datetime, hook: str
) -> None:
    reported(registry, operator, now - timedelta(hours=4))
    subscribed(registry, hook, now, kinds=frozenset({EventKind.TESTCASE}))
    reported(registry, operator, now - timedelta(hours=2), Outcome.FAIL)
    Receiver.status = 500
    moments = [now + timedelta(days=days) for days in range(len(PAUSES) + 2)]
    for attempt, moment in enumerate(moments[:-1], start=1):
        assert notify.pump(registry, HERE, at(moment)) == 1
        assert notify.pump(registry, HERE, at(moment)) == 0, "not before its time"
        expected = DeliveryState.WAITING if attempt <= len(PAUSES) else DeliveryState.GIVEN_UP
        assert states(registry) == [(expected, attempt)]
    ((_, (message,)),) = notify.subscriptions(registry, "operator")
    assert message.error == "It answered with the HTTP status 500."
    assert len({headers["webhook-id"] for headers, _ in Receiver.got}) == 1
    Receiver.status = 204
    assert notify.pump(registry, HERE, at(moments[-1])) == 0


def test_a_subscription_that_has_ended_is_told_of_nothing(
    registry: Registry, operator: Operator, now: datetime, hook: str, clock: Callable[[], datetime]
) -> None:
    reported(registry, operator, now - timedelta(hours=4))
    id_, _ = subscribed(registry, hook, now)
    notify.unsubscribe(registry, "operator", id_, now)
    reported(registry, operator, now - timedelta(hours=2), Outcome.FAIL)
    assert notify.pump(registry, HERE, clock) == 0
    with pytest.raises(UnknownNameError):
        notify.unsubscribe(registry, "operator", id_, now)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]", "0.0.0.1"]
)
def test_a_webhook_does_not_lead_into_the_registrys_own_network(now: datetime, host: str) -> None:
    with pytest.raises(UndeliveredError, match="not public"):
        webhook.post(f"http://{host}/", "eA==", "id", b"{}", now)


def test_a_webhook_that_leads_elsewhere_is_not_followed(now: datetime, hook: str) -> None:
    Receiver.status = 302
    with pytest.raises(UndeliveredError, match="302"):
        webhook.post(hook, "eA==", "id", b"{}", now, private_allowed=True)
    assert len(Receiver.got) == 1


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.WEBHOOK, "ftp://example.org/"),
        (Channel.WEBHOOK, "https://user:secret@example.org/"),
        (Channel.WEBHOOK, "example.org"),
        (Channel.ALERTMANAGER, "https://alerts.example.org"),
        (Channel.MATRIX, "https://matrix.example.org/!room:example.org"),
        (Channel.MAIL, "nobody"),
        (Channel.MAIL, "a@b.example\nBcc: c@d.example"),
        (Channel.MAIL, "a b@c.example"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(
    registry: Registry, operator: Operator, now: datetime, channel: Channel, address: str
) -> None:
    with pytest.raises(UsageError):
        notify.subscribe(registry, "operator", Interest(channel=channel, address=address), uuid4(), b"s" * 32, now)


ALARM = AlarmNote(
    id=UUID(int=7),
    about="start a guest: No valid host was found.",
    trouble="fails",
    service="compute",
    began_at=datetime(2026, 11, 23, 11, tzinfo=UTC),
    ended_at=None,
    times=3,
    seen=("2026-11-23 11:55:00 UTC, instance from here: start a guest: error (HTTP 503), request req-0815",),
    runbook="/alarms#compute",
)


def alarmed(registry: Registry, now: datetime, alarm: AlarmNote, key: str) -> None:
    said = f"cloud: {alarm.service} fails" if alarm.ended_at is None else "Over: cloud: compute fails"
    event = Event(at=now, kind=EventKind.HEALTH, subject="cloud", said=said, page="/health/cloud", key=key, alarm=alarm)
    notify.happened(registry, event)


def test_an_alarm_is_handed_to_an_alertmanager_and_taken_back(
    registry: Registry, operator: Operator, now: datetime, hook: str
) -> None:
    wish = Interest(channel=Channel.ALERTMANAGER, address=hook, kinds=frozenset({EventKind.HEALTH}))
    notify.subscribe(registry, "operator", wish, uuid4(), b"s" * 32, now)
    alarmed(registry, now, ALARM, "1")
    alarmed(registry, now, ALARM, "1")
    assert notify.pump(registry, HERE, at(now)) == 1
    alarmed(registry, now, replace(ALARM, ended_at=now), "2")
    assert notify.pump(registry, HERE, at(now)) == 1
    (begins, ends) = [json.loads(body) for _, body in Receiver.got]
    assert Receiver.got[0][0]["path"] == "/hook/api/v2/alerts"
    assert begins[0]["labels"] == {
        "alertname": "AllmendeHealth",
        "cloud": "cloud",
        "trouble": "fails",
        "service": "compute",
    }
    assert begins[0]["labels"] == ends[0]["labels"]
    assert "req-0815" in begins[0]["annotations"]["description"]
    assert begins[0]["annotations"]["runbook_url"] == "https://registry.example.org/alarms#compute"
    assert datetime.fromisoformat(begins[0]["endsAt"]) > now + timedelta(hours=24)
    assert datetime.fromisoformat(ends[0]["endsAt"]) == now


def test_an_alarm_is_said_in_a_room_of_matrix_with_its_evidence(
    registry: Registry, operator: Operator, now: datetime, hook: str
) -> None:
    address = hook.replace("/hook", "/!room:example.org")
    notify.subscribe(
        registry, "operator", Interest(channel=Channel.MATRIX, address=address, token="t0ken"), uuid4(), b"s" * 32, now
    )
    alarmed(registry, now, ALARM, "1")
    assert notify.pump(registry, HERE, at(now)) == 1
    ((headers, body),) = Receiver.got
    assert headers["path"].startswith("/_matrix/client/v3/rooms/%21room%3Aexample.org/send/m.room.message/")
    assert headers["Authorization"] == "Bearer t0ken"
    said = json.loads(body)["body"]
    assert "cloud: compute fails" in said
    assert "request req-0815" in said
    assert "What to do: https://registry.example.org/alarms#compute" in said


def test_a_webhook_tells_of_an_alarm_for_programs_and_the_public_feed_does_not(
    registry: Registry, operator: Operator, now: datetime, hook: str, clock: Callable[[], datetime]
) -> None:
    subscribed(registry, hook, now, kinds=frozenset({EventKind.HEALTH}))
    alarmed(registry, now, ALARM, "1")
    notify.happened(registry, Event(at=now, kind=EventKind.HEALTH, subject="nobody", said="x", page="/", alarm=ALARM))
    assert notify.pump(registry, HERE, clock) == 1
    ((_, body),) = Receiver.got
    (event,) = json.loads(body)["events"]
    assert (event["alarm"]["state"], event["alarm"]["times"]) == ("firing", 3)
    assert happened(registry, "cloud") == ()


class Mailbox:
    """What a mail server was handed, and by whom."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- the library's name
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def post_office() -> Iterator[tuple[Controller, Mailbox]]:
    """A real mail server that wants a user and a password."""

    def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"registry", b"p@ss"), handled=False)

    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        mailbox,
        "127.0.0.1",
        port,
        server_hostname="mail",
        authenticator=known,
        auth_require_tls=False,
        ready_timeout=20,
    )
    controller.start()
    yield controller, mailbox
    controller.stop()


def test_mail_says_what_happened_and_where_to_read_on(
    registry: Registry, operator: Operator, now: datetime, post_office: tuple[Controller, Mailbox]
) -> None:
    controller, mailbox = post_office
    server = mail_server(f"smtp://registry:p%40ss@127.0.0.1:{controller.port}", "registry@example.org")
    assert "p@ss" not in repr(server)
    reported(registry, operator, now - timedelta(hours=4))
    wish = Interest(channel=Channel.MAIL, address="ops@example.org", subject="cloud")
    notify.subscribe(registry, "operator", wish, uuid4(), b"s" * 32, now)
    reported(registry, operator, now - timedelta(hours=2), Outcome.FAIL)
    stranger = replace(server, password="wrong")
    assert notify.pump(registry, Doors(mail=stranger), at(now)) == 1
    ((_, (message,)),) = notify.subscriptions(registry, "operator")
    assert "The mail server did not take it" in message.error
    assert "wrong" not in message.error
    doors = Doors(origin="https://registry.example.org", mail=server)
    assert notify.pump(registry, doors, at(now + timedelta(minutes=1))) == 1
    (received,) = mailbox.messages
    assert received["To"] == "ops@example.org"
    assert received["Subject"].startswith(f"cloud: {RULES} is FAIL, before: PASS, and ")
    assert "https://registry.example.org/reports/" in received.get_content()


def test_without_a_mail_server_the_operator_sees_why_nothing_comes(
    registry: Registry, operator: Operator, now: datetime
) -> None:
    reported(registry, operator, now - timedelta(hours=4))
    wish = Interest(channel=Channel.MAIL, address="ops@example.org")
    notify.subscribe(registry, "operator", wish, uuid4(), b"s" * 32, now)
    reported(registry, operator, now - timedelta(hours=2), Outcome.FAIL)
    notify.pump(registry, Doors(), lambda: now)
    ((_, (message,)),) = notify.subscriptions(registry, "operator")
    assert "ALLMENDE_SMTP" in message.error
    for url, sender in (("http://x", "a@b"), ("smtp://", "a@b"), ("smtp://x", "")):
        with pytest.raises(SettingsError):
            mail_server(url, sender)


def test_what_is_about_to_end_is_told_of_in_time_and_not_again(
    registry: Registry, operator: Operator, now: datetime, hook: str, clock: Callable[[], datetime]
) -> None:
    reported(registry, operator, now)
    token_for(registry, "operator", now, expires_at=now + timedelta(days=10), name="ci")
    subscribed(registry, hook, now, kinds=frozenset({EventKind.EXPIRING}))
    for hours in range(0, 30, 6):
        notify.look_ahead(registry, now + timedelta(hours=hours))
        notify.pump(registry, HERE, clock)
    said = [event["said"] for _, body in Receiver.got for event in json.loads(body)["events"]]
    assert sum("«ci»" in each for each in said) == 1
    assert len(said) == len(set(said))
