"""supervisord as it is, but for one defect: its event loop may spin.

A connection to its socket that is closed stays registered with poll() until its number turns out to be invalid. When
the number has been given to the standard input of a new process before, it never does, and once that process closes its
input, poll() reports an error for ever, which supervisor 4.3 ignores: a third of a processor is lost. Here a number
that only reports an error is forgotten, like an invalid one; whoever still wants it registers it again.
"""

import select

from supervisor import poller, supervisord  # type: ignore[import-untyped]  # ships no types


class ForgetfulPoller(poller.PollPoller):  # type: ignore[misc]  # ships no types
    """A poller that forgets what can only fail."""

    def _ignore_invalid(self, fd: int, eventmask: int) -> bool:
        hopeless = bool(eventmask & select.POLLERR) and not eventmask & (self.READ | self.WRITE)
        return bool(super()._ignore_invalid(fd, select.POLLNVAL if hopeless else eventmask))


def main() -> None:
    """Run supervisord with the arguments of this process."""
    poller.Poller = ForgetfulPoller
    supervisord.main()


if __name__ == "__main__":
    main()
