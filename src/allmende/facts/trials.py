"""What became of something that was tried in a cloud to see whether it is allowed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Something that was tried.

    `what` says it in words («create a user»), `succeeded` whether the cloud did it, `answer` what it said, and `status`
    the HTTP status of that, where there was one.
    """

    what: str
    succeeded: bool
    answer: str
    status: int | None = None

    @property
    def is_forbidden(self) -> bool:
        """Whether it was refused for want of a right, and not for another reason."""
        return self.status in (401, 403)
