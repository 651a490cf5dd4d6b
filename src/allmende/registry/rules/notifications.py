"""Decide what is told of, to whom, in which words, and when an attempt that failed is made again.

Told are transitions, not states: a testcase that fails every day is told of once. Several events of one moment become
one message.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from allmende.registry.model.accounts import Account, Token
from allmende.registry.model.assessment import Certificate, CertificateAct, Ruling
from allmende.registry.model.events import AlarmNote, Event, EventKind, Subscription
from allmende.registry.model.integrators import IntegratorCertificate
from allmende.registry.model.record import CurrentResult, StoredReport
from allmende.registry.rules.leaves import VerdictLeaf
from allmende.standards.model import Standards
from allmende.standards.verdict import expiry

MOST_TOLD = 20
"""How many events of a message are told of one by one."""

PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
"""How long after a failed attempt the next one is made; after the last of them it is given up."""

CERTIFICATE_NOTICE = (timedelta(days=60), timedelta(days=30), timedelta(days=7))
TOKEN_NOTICE = (timedelta(days=14), timedelta(days=3))
RESULT_NOTICE = timedelta(days=7)

_HOLDS = timedelta(hours=25)


def of_transitions(
    report: StoredReport, before: Mapping[str, CurrentResult], after: Sequence[CurrentResult]
) -> Iterator[Event]:
    """Yield an event for each testcase whose counted outcome changed; its first result is no change."""
    for result in after:
        known = before.get(result.testcase)
        if known is None or known.outcome is result.outcome:
            continue
        yield Event(
            at=report.received_at,
            kind=EventKind.TESTCASE,
            subject=report.subject,
            said=f"{report.subject}: {result.testcase} is {result.outcome}, before: {known.outcome}",
            page=f"/reports/{report.id}#{result.testcase}",
        )


def of_verdict(leaf: VerdictLeaf, scope: str) -> Event:
    """Return the event of a verdict that changed."""
    before = f", before: {leaf.before}" if leaf.before else ""
    return Event(
        at=leaf.at,
        kind=EventKind.VERDICT,
        subject=leaf.subject,
        said=f"{leaf.subject}: {scope} {leaf.version} is {leaf.outcome}{before}",
        page=f"/subjects/{leaf.subject}",
    )


def of_ruling(report: StoredReport, ruling: Ruling) -> Event:
    """Return the event of a decision on an attestation."""
    reason = f" ({ruling.reason})" if ruling.reason else ""
    return Event(
        at=ruling.at,
        kind=EventKind.ATTESTATION,
        subject=report.subject,
        said=f"{report.subject}: the attestation of {ruling.testcase}: {ruling.decision}{reason}",
        page=f"/reports/{report.id}#{ruling.testcase}",
    )


def of_certificate(certificate: Certificate, scope: str) -> Event:
    """Return the event of what was done last with a certificate."""
    done: CertificateAct = certificate.last
    reason = f" ({done.reason})" if done.reason else ""
    return Event(
        at=done.at,
        kind=EventKind.CERTIFICATE,
        subject=certificate.subject,
        said=f"{certificate.subject}: the certificate for {scope} {certificate.version}: {done.act}{reason}",
        page=f"/certificates/{certificate.id}",
    )


def of_integrator(certificate: IntegratorCertificate) -> Event:
    """Return the event of what was done last with the certificate of an integrator."""
    done = certificate.last
    reason = f" ({done.reason})" if done.reason else ""
    return Event(
        at=done.at,
        kind=EventKind.CERTIFICATE,
        subject=None,
        said=f"{certificate.integrator}: {certificate.title}: {done.act}{reason}",
        page=f"/integrators/{certificate.integrator}",
    )


def of_ending_results(
    subject: str, current: Sequence[CurrentResult], standards: Standards, now: datetime
) -> Event | None:
    """Return an event when results of a subject end within a week; None when none does, or all of them are long over.

    It is told of again only when other results end, not every day.
    """
    ending = sorted(
        (expiry(result.checked_at, testcase.lifetime), result.testcase)
        for result in current
        if (testcase := standards.testcases.get(result.testcase)) is not None
    )
    soon = [(end, testcase) for end, testcase in ending if now < end <= now + RESULT_NOTICE]
    if not soon:
        return None
    words = f"{len(soon)} results end" if len(soon) > 1 else f"the result of {soon[0][1]} ends"
    return Event(
        at=now,
        kind=EventKind.EXPIRING,
        subject=subject,
        said=f"{subject}: {words} by {soon[-1][0].date()}; check it again before {soon[0][0].date()}",
        page=f"/subjects/{subject}?show=open",
        key=f"results {subject} {soon[0][0].date()}",
    )


def of_ending_certificate(certificate: Certificate, now: datetime) -> Event | None:
    """Return an event 60, 30 and 7 days before a certificate ends; None at other times."""
    notice = _notice(certificate.expires_at, now, CERTIFICATE_NOTICE)
    if notice is None:
        return None
    end = certificate.expires_at.date()
    return Event(
        at=now,
        kind=EventKind.EXPIRING,
        subject=certificate.subject,
        said=f"{certificate.subject}: the certificate for {certificate.version} ends on {end}",
        page=f"/certificates/{certificate.id}",
        key=f"certificate {certificate.id} {notice.days}",
    )


def of_ending_token(token: Token, now: datetime) -> Event | None:
    """Return an event 14 and 3 days before a token ends, for its account; None at other times."""
    if token.expires_at is None or token.revoked_at is not None:
        return None
    notice = _notice(token.expires_at, now, TOKEN_NOTICE)
    if notice is None:
        return None
    called = f" «{token.name}»" if token.name else ""
    return Event(
        at=now,
        kind=EventKind.EXPIRING,
        subject=None,
        account=token.account,
        said=f"The token {token.id}{called} of {token.account} ends on {token.expires_at.date()}",
        page="/about",
        key=f"token {token.id} {notice.days}",
    )


def concerns(event: Event, subscription: Subscription, account: Account) -> bool:
    """Tell whether a subscription of this account asks for this event."""
    if event.kind not in subscription.kinds:
        return False
    if event.account is not None:
        return event.account == account.name
    if subscription.subject is not None:
        return event.subject == subscription.subject
    return event.subject in account.subjects


def subject_line(events: Sequence[Event]) -> str:
    """Return what a message is about, in one line."""
    return events[0].said if len(events) == 1 else f"{events[0].said}, and {len(events) - 1} more"


def text(events: Sequence[Event], origin: str) -> str:
    """Return the message for people; `origin` is the registry's address, empty where it is not known."""
    lines = [line for event in events[:MOST_TOLD] for line in _lines(event, origin)]
    if len(events) > MOST_TOLD:
        lines.append(f"- and {len(events) - MOST_TOLD} more")
    return "\n".join(lines) + "\n"


def document(events: Sequence[Event], origin: str) -> bytes:
    """Return the message for programs, as JSON."""
    said = [
        {
            "id": event.id,
            "at": event.at.astimezone(UTC).isoformat(),
            "kind": event.kind,
            "subject": event.subject,
            "said": event.said,
            "page": f"{origin}{event.page}",
            **({} if event.alarm is None else {"alarm": _alarm(event.alarm, origin)}),
        }
        for event in events
    ]
    return json.dumps({"type": "registry.events", "events": said}, ensure_ascii=False).encode()


def alerts(events: Sequence[Event], origin: str) -> bytes:
    """Return the alarms among events as Alertmanager takes them (its OpenAPI v2, `postableAlerts`).

    Those of one alarm have the same labels, by which it knows them; the newest one counts. What has not ended holds
    until after the next reminder.
    """
    newest = {event.alarm.id: event for event in events if event.alarm is not None}
    said = [
        {
            "labels": {
                "alertname": "AllmendeHealth",
                "cloud": event.subject or "",
                "trouble": alarm.trouble,
                "service": alarm.service,
            },
            "annotations": {
                "summary": event.said,
                "description": "\n".join(alarm.seen),
                "runbook_url": f"{origin}{alarm.runbook}",
            },
            "startsAt": alarm.began_at.astimezone(UTC).isoformat(),
            "endsAt": (alarm.ended_at or event.at + _HOLDS).astimezone(UTC).isoformat(),
            "generatorURL": f"{origin}{event.page}",
        }
        for event in newest.values()
        if (alarm := event.alarm) is not None
    ]
    return json.dumps(said, ensure_ascii=False).encode()


def _lines(event: Event, origin: str) -> Iterator[str]:
    yield f"- {event.said}"
    yield f"  {origin}{event.page}"
    if event.alarm is not None:
        yield from (f"  {line}" for line in event.alarm.seen)
        yield f"  What to do: {origin}{event.alarm.runbook}"


def _alarm(alarm: AlarmNote, origin: str) -> dict[str, object]:
    return {
        "id": str(alarm.id),
        "state": "firing" if alarm.ended_at is None else "resolved",
        "about": alarm.about,
        "trouble": alarm.trouble,
        "service": alarm.service,
        "began_at": alarm.began_at.astimezone(UTC).isoformat(),
        "ended_at": None if alarm.ended_at is None else alarm.ended_at.astimezone(UTC).isoformat(),
        "times": alarm.times,
        "seen": list(alarm.seen),
        "runbook": f"{origin}{alarm.runbook}",
    }


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after this many attempts have failed; None when it is given up."""
    return now + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def _notice(end: datetime, now: datetime, notices: Sequence[timedelta]) -> timedelta | None:
    """Return the notice that is due: the shortest one that has begun, while the end is to come."""
    left = end - now
    if left <= timedelta(0) or left > notices[0]:
        return None
    return next((longer for longer, shorter in pairwise(notices) if left > shorter), notices[-1])
