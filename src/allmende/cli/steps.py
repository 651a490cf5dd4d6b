"""Long work as steps on stderr: what runs now and for how long, and a line with its seconds for each step that ended.

On a terminal the running steps are redrawn in place; elsewhere only the lines of ended steps appear.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.live import Live
from rich.text import Text


class Steps:
    """Is told when a step begins and ends (`allmende.refcloud.apply.progress.Progress`)."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._running: dict[str, float] = {}

    def __call__(self, step: str, *, done: bool, seconds: float = 0.0) -> None:
        """Note that `step` begins, or that it ended after so many seconds. What ends without beginning is a remark."""
        if not done:
            self._running[step] = monotonic()
        elif self._running.pop(step, None) is None:
            self._console.print(f"·           {step}", soft_wrap=True)
        else:
            self._console.print(Text.assemble(("✓", "green"), f" {seconds:6.1f} s  {step}"), soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the work of a `with` block as one step."""
        began = monotonic()
        self(name, done=False)
        yield
        self(name, done=True, seconds=monotonic() - began)

    def __rich__(self) -> Text:
        """Draw what runs now, the longest-running first."""
        now = monotonic()
        width = self._console.width - 12
        lines = [f"… {now - began:6.1f} s  {step[:width]}" for step, began in self._running.items()]
        return Text("\n".join(lines), style="dim", no_wrap=True)


@contextmanager
def shown_steps() -> Iterator[Steps]:
    """Show the steps of the work inside a `with` block."""
    console = Console(stderr=True, highlight=False)
    steps = Steps(console)
    if not console.is_terminal:
        yield steps
        return
    with Live(steps, console=console, refresh_per_second=8, transient=True):
        yield steps
