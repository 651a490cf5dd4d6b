"""The exceptions a user can meet, and what each means for the exit code.

    AllmendeError                     something a person can act on; carries the next step
    ├── UsageError                    what was asked cannot be asked that way (exit code 2)
    │   ├── UnknownNameError          no such cloud, scope, testcase, document, …
    │   ├── SettingsError             a configuration file or variable is wrong
    │   └── KeptError                 it cannot be changed or removed, because of what was published
    ├── CloudError                    a cloud did not do what was asked (exit code 3)
    │   ├── CloudUnreachableError     no connection, no TLS, no such name
    │   │   └── CloudTimeoutError     no whole answer in time
    │   ├── CloudAuthError            wrong, expired or insufficient credential
    │   ├── CloudProtocolError        an answer that is not the API's: HTML, truncated, nonsense
    │   ├── CloudNotFoundError        the API or the resource does not exist
    │   ├── CloudRefusedError         the API said no: quota, conflict, bad request
    │   └── CloudFailedError          the service itself failed (status 5xx)
    ├── DocumentError                 a document (report, standard, blueprint) is not well formed
    │   └── SignatureError            a signature is missing, does not fit, or is not by whom it should be
    ├── StoreError                    the database cannot be read or written
    ├── RegistryRefusedError          the registry answered and said no
    ├── RegistryUnreachableError      the registry did not answer, or something else did
    ├── ProgramError                  a program that we run is not installed, or failed
    └── ReferenceCloudError           the reference cloud could not be brought into the wanted state
        └── PreflightError            this machine lacks something; lists all of it at once

Vendor errors are translated at the door where the vendor's library is used (`clouds`, `storage`, `report.sign`).
"""


class AllmendeError(Exception):
    """Something went wrong that a person can act on.

    `str(error)` is one sentence about what happened; `hint` is what to do next.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(AllmendeError):
    """What was asked cannot be asked that way."""


class UnknownNameError(UsageError):
    """There is no such cloud, scope, testcase or document."""


class SettingsError(UsageError):
    """A configuration file or an environment variable is wrong."""


class KeptError(UsageError):
    """Something cannot be changed or removed, because of what was published."""


class CloudError(AllmendeError):
    """A cloud did not do what was asked of it; `status` is the HTTP status of its answer, where there was one."""

    def __init__(self, message: str, *, hint: str = "", request_id: str = "", status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.request_id = request_id
        self.status = status


class CloudUnreachableError(CloudError):
    """No connection, no TLS session, or no such name."""


class CloudTimeoutError(CloudUnreachableError):
    """No whole answer came in time."""


class CloudAuthError(CloudError):
    """The credential is wrong, expired, or does not allow this."""


class CloudProtocolError(CloudError):
    """An answer that is not the API's: HTML of a proxy, a truncated body, nonsense."""


class CloudNotFoundError(CloudError):
    """The API or the resource does not exist."""


class CloudRefusedError(CloudError):
    """The API understood and said no: quota, conflict, bad request."""


class CloudFailedError(CloudError):
    """The service itself failed: it, or the load balancer before it, answered with a status of 500 or more."""


class DocumentError(AllmendeError):
    """A document is not well formed."""


class SignatureError(DocumentError):
    """A signature is missing, does not fit the bytes, or is not by whom it should be."""


class StoreError(AllmendeError):
    """The database cannot be read or written."""


class RegistryRefusedError(AllmendeError):
    """The registry answered and said no."""


class RegistryUnreachableError(AllmendeError):
    """The registry did not answer, or something that is no registry did."""


class ProgramError(AllmendeError):
    """A program that we run is not installed, or it failed."""


class ReferenceCloudError(AllmendeError):
    """The reference cloud could not be brought into the wanted state."""


class PreflightError(ReferenceCloudError):
    """This machine lacks something that the reference cloud needs.

    `problems` holds every one of them as a sentence with its remedy.
    """

    def __init__(self, problems: tuple[str, ...], *, hint: str = "") -> None:
        super().__init__("This machine is not ready for a reference cloud.", hint=hint)
        self.problems = problems
