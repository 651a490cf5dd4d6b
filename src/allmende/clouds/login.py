"""What a program of somebody else needs to log in as we do: a name and a password, and where."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user's password and project; `ca_file` is None where the system's authorities are trusted.

    `interface` is the kind of endpoint that is used. The password is never shown.
    """

    auth_url: str
    user: str
    user_id: str
    user_domain: str
    password: str = field(repr=False)
    project: str
    project_id: str
    project_domain: str
    project_domain_id: str
    region: str = ""
    interface: str = "public"
    ca_file: Path | None = None
    verifies: bool = True
