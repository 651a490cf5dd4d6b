"""The command line: one module per subcommand, imported only when it is called.

This module decides which subcommands there are, how errors look, and which exit code they have. The exit codes are API:
0 done or conformant, 1 not conformant, 2 wrong usage, 3 inconclusive, 4 our bug, 130 interrupted, 141 nobody read on.
"""

import errno
import importlib
import os
import sys
import traceback
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from allmende import __version__
from allmende.cli.exits import INTERRUPTED
from allmende.errors import (
    AllmendeError,
    PreflightError,
    UsageError,
)
from allmende.printable import printable

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Subcommand(NamedTuple):
    """A name on the command line, which is also its module's name, and its line in the help."""

    name: str
    summary: str


SUBCOMMANDS = (
    Subcommand("up", "Bring up a real cloud, check it, and show the result on a page."),
    Subcommand("down", "Stop the cloud and the registry that `up` started."),
    Subcommand("cloud", "The reference cloud: up, down, status, logs, break, mend, …"),
    Subcommand("check", "Measure a cloud against SCS-compatible IaaS."),
    Subcommand("fix", "Plan and make the changes that let failing testcases pass."),
    Subcommand("cleanup", "Remove what killed checks left in a cloud."),
    Subcommand("explain", "Explain a testcase: what is demanded, how to fix it."),
    Subcommand("standards", "Standards, scopes, versions and their timeline."),
    Subcommand("flavor", "Read SCS flavor names and say what they promise."),
    Subcommand("report", "Sign, verify, convert and submit reports."),
    Subcommand("monitor", "Run real scenarios on a cloud, and see how it behaves."),
    Subcommand("status", "Status pages: incidents, maintenance, post-mortems."),
    Subcommand("serve", "Run the registry: API and public pages."),
    Subcommand("registry", "Accounts, keys and subjects of a registry."),
)

EXAMPLES = """Start here:

\b
  allmende up                  a real cloud, checked, on a page
  allmende check mycloud       a cloud of your clouds.yaml
  allmende explain scs-0115-default-rules
  allmende down                stop everything again
"""


class Subcommands(TyperGroup):
    """The root group: knows its subcommands by name and imports a module only when it is called."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the names in the order of the help."""
        return [subcommand.name for subcommand in SUBCOMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, imported now; None when there is none of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return get_command(importlib.import_module(f"allmende.cli.{cmd_name}").app)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """Write the list of subcommands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(subcommand.name, subcommand.summary) for subcommand in SUBCOMMANDS])


app = typer.Typer(
    name="allmende",
    cls=Subcommands,
    help="The Sovereign Cloud Stack as one program: a real cloud, its conformance, and the public record of it.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 -- the signature of an option's callback
    if wanted:
        typer.echo(f"allmende {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[  # noqa: FBT002 -- handled by its callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit with one of the codes above."""
    try:
        code = get_command(app)(prog_name="allmende", standalone_mode=False)
        if sys.stdout is not None:  # it is None where the shell closed it: >&-
            sys.stdout.flush()  # what is short may not have met the full disk or the closed pipe yet
    except typer.TyperException as error:
        _complain(error)
        code = 2
    except AllmendeError as error:
        _say_error(error)
        code = 2 if isinstance(error, UsageError) else 3
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("interrupted", err=True)
        code = INTERRUPTED
    except SystemExit as end:
        # This is how rich says that the reader has gone, with a code that would mean «not conformant».
        code = _without_reader() if isinstance(end.__context__, BrokenPipeError) else end.code
    except BrokenPipeError:
        code = _without_reader()
    except OSError as error:
        if error.errno not in DISK_FULL:
            code = _say_bug()
        else:
            typer.echo(f"error: The output cannot be written: {error.strerror}.", err=True)
            typer.echo("next: Make room where it goes, and run the command again.", err=True)
            _drop_output()
            code = 3
    except Exception as error:  # noqa: BLE001 -- the last resort: all else that ends here is our bug
        code = _say_broken_word() if isinstance(error, UnicodeEncodeError) else _say_bug()
    sys.exit(code)


def _say_broken_word() -> int:
    """Say which word is no text: a path may hold such bytes, a name or a database cannot."""
    for word in sys.argv:
        if any("\ud800" <= character <= "\udfff" for character in word):
            _say_error(UsageError(f"{word!r} is not written in UTF-8.", hint="Type it again in a UTF-8 terminal."))
            return 2
    return _say_bug()


def _without_reader() -> int:
    """Return the code of a program whose reader has gone, as shells have it: 128 + SIGPIPE; never a verdict's."""
    _drop_output()
    return 141


def _drop_output() -> None:
    """Let nobody miss what Python would flush at exit: it has nowhere to go either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_bug() -> int:
    """Show the exception that is being handled."""
    traceback.print_exc()
    typer.echo(f"This is a bug in Allmende {__version__}. Please report it with the lines above.", err=True)
    return 4


def _complain(error: typer.TyperException) -> None:
    """Say what was wrong with the words on the command line."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if context is None or message.startswith("Usage:"):  # a group that was called without a command shows its help
        typer.echo(message, err=True)
        return
    typer.echo(context.get_usage(), err=True)
    typer.echo(f"error: {message}", err=True)
    typer.echo(f"next: {context.command_path} --help", err=True)


def _say_error(error: AllmendeError) -> None:
    """Say what happened and what to do next."""
    typer.echo(f"error: {printable(str(error))}", err=True)
    if isinstance(error, PreflightError):
        for problem in error.problems:
            typer.echo(f"  - {problem}", err=True)
    if error.hint:
        typer.echo(f"next: {printable(error.hint)}", err=True)
