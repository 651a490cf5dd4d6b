"""Send a message by e-mail, through the server that whoever runs the registry names."""

import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from allmende.errors import SettingsError
from allmende.registry.apply.undelivered import UndeliveredError

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over, and from whom it is; `tls` from the beginning, else STARTTLS where it is offered."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False


def mail_server(url: str, sender: str) -> MailServer:
    """Return the server of a URL such as `smtp://user:password@mail.example.org:587` or `smtps://…`."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
        raise SettingsError(
            "The mail server is not named as it has to be.",
            hint="ALLMENDE_SMTP=smtp://user:password@host:587 and ALLMENDE_MAIL_FROM=registry@example.org",
        )
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 25),
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


def send(server: MailServer, recipient: str, about: str, text: str, id_: str) -> None:
    """Hand a message over; UndeliveredError when the server does not take it."""
    domain = server.sender.rpartition("@")[2]
    message = EmailMessage()
    message["From"], message["To"] = server.sender, recipient
    message["Subject"] = " ".join(about.split())
    message["Message-ID"] = f"<{id_}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        kind = smtplib.SMTP_SSL if server.tls else smtplib.SMTP
        # Our own name would be looked up, which takes long where no name server answers.
        with kind(server.host, server.port, local_hostname=domain, timeout=TIMEOUT_S) as door:
            if not server.tls and door.has_extn("starttls"):
                door.starttls()
            if server.user:
                door.login(server.user, server.password)
            door.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise UndeliveredError(f"The mail server did not take it: {error}.") from None
