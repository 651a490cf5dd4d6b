"""What all tests share."""

import signal

from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is; figures are the business of bench/.
settings.register_profile("allmende", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("allmende")


def pytest_configure() -> None:
    """Let the programs under test hear Ctrl-C also where a shell started us in the background, with it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
