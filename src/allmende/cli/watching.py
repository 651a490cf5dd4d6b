"""`allmende check --watch`: the same check again and again; after the first only what changed is said.

A cloud that cannot be measured at the moment does not end the watch. With JSON each transition is one line.
"""

import time
from collections.abc import Callable

import typer

from allmende.cli import check_views
from allmende.cli.check_views import Measured
from allmende.cli.clock import utc_now
from allmende.cli.terminal import terminal
from allmende.errors import CloudError
from allmende.printable import printable
from allmende.report.document import Report
from allmende.runner import transitions
from allmende.runner.transitions import Watch


def watched(once: Callable[[], tuple[Measured, Report]], *, minutes: float, as_json: bool) -> Measured:
    """Measure until somebody interrupts; return the run that was interrupted."""
    watch = Watch()
    while True:
        began = time.monotonic()
        try:
            measured, report = once()
        except CloudError as error:
            typer.echo(f"{utc_now():%H:%M:%S} not measured: {printable(str(error))}", err=True)
        else:
            if not measured.run.complete:
                return measured
            watch = _told(watch, measured, report, as_json=as_json)
        time.sleep(max(0.0, began + 60 * minutes - time.monotonic()))


def _told(watch: Watch, measured: Measured, report: Report, *, as_json: bool) -> Watch:
    is_first = not watch.held
    watch, changes = transitions.watched(watch, report.results)
    if as_json:
        for change in changes:
            typer.echo(transitions.json_line(change))
    elif is_first:
        check_views.show(measured, terminal())
    else:
        for change in changes:
            typer.echo(printable(transitions.in_words(change)))
    if not is_first and not changes:
        typer.echo(f"{utc_now():%H:%M:%S} nothing changed: {measured.verdict}", err=True)
    return watch
