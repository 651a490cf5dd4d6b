"""`allmende status`: what a provider says of its cloud, on the status pages of the registry on this machine."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID, uuid4

import typer
import yaml

from allmende.cli.clock import moment, utc_now
from allmende.cli.options import AsJson
from allmende.cli.record import DatabaseOption, record_url, show_rows
from allmende.errors import DocumentError, UnknownNameError, UsageError
from allmende.printable import printable
from allmende.storage.database import Database, open_database

if TYPE_CHECKING:
    from allmende.operations.model.status import Impact, Incident, PhaseReference

EXAMPLES = """Examples:

\b
  allmende status open mycloud --incidents draft
  allmende status begin mycloud 'Guests do not start' -c compute \\
      --severity limited
  allmende status say mycloud ID 'A disk is full' --phase mending
  allmende status begin mycloud 'New switches' -c network \\
      --severity maintenance --type interrupted \\
      --from 2026-12-01T22:00 --until 2026-12-02T02:00
  allmende status publish mycloud ID        a draft that an alarm became
  allmende status end mycloud ID
  allmende status post-mortem mycloud ID > learnt.yaml
  allmende status post-mortem mycloud ID --from learnt.yaml
  allmende status show mycloud

The pages are those of `allmende serve`, at /status-pages. From elsewhere, use
the SCS status-page API there, with a token of the scope `status`. Times are
UTC. What was published is not deleted, at most withdrawn.
"""
T = TypeVar("T")

app = typer.Typer(
    help="Status pages: components, incidents, maintenance, post-mortems.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Cloud = Annotated[str, typer.Argument(metavar="CLOUD", help="The cloud's name, as it is measured.")]
Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id, or how it begins.")]
PhaseName = Annotated[str, typer.Option("--phase", help="The phase it is in from now on, by its name.")]


@app.command("open")
def open_(
    cloud: Cloud,
    *,
    incidents: Annotated[
        str, typer.Option(help="What becomes of alarms: off, draft (of a new page) or published.")
    ] = "",
    service: Annotated[
        list[str] | None, typer.Option(help="Services to be components; those measured, if not given; repeatable.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Open the status page of a cloud, or change what becomes of alarms on it."""
    from allmende.health.run.view import services_by_day
    from allmende.operations.model.status import Automatic
    from allmende.operations.run.pages import components, open_page
    from allmende.operations.run.view import SHOWN_DAYS

    if incidents and incidents not in list(Automatic):
        raise UsageError(f"{incidents!r} is not what can become of alarms.", hint=f"Choose: {', '.join(Automatic)}.")
    now = utc_now()
    with _opened(database) as store:
        services = service or sorted(services_by_day(store, cloud, now - timedelta(days=SHOWN_DAYS)))
        open_page(store, cloud, Automatic(incidents) if incidents else None, services, now)
        known = components(store, cloud)
    typer.echo(f"The page of {cloud} is open, with {len(known)} components: /status-pages/{cloud}", err=True)


@app.command("component")
def component(
    cloud: Cloud,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name by which users know it.")],
    *,
    service: Annotated[str, typer.Option(help="The service that is measured of it, as in the catalog.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Add a component, or give the one of this name another service."""
    from allmende.operations.model.status import Component
    from allmende.operations.run.pages import components, put_component

    labels = {"service": service} if service else {}
    with _opened(database) as store:
        known = [each for each in components(store, cloud) if each.name == name]
        made = (
            replace(known[0], labels={**known[0].labels, **labels})
            if known
            else Component(id=uuid4(), cloud=cloud, name=name, labels=labels)
        )
        put_component(store, made, is_new=not known)
    typer.echo(str(made.id))


@app.command("begin")
def begin(
    cloud: Cloud,
    name: Annotated[str, typer.Argument(metavar="NAME", help="In few words what users see.")],
    *,
    component: Annotated[list[str], typer.Option("-c", "--component", help="What it affects, by name; repeatable.")],
    severity: Annotated[str, typer.Option(help="How badly: a name of the page, or 0 to 100.")] = "limited",
    type_: Annotated[str, typer.Option("--type", help="In which way, by the impact type's name.")] = "fails",
    text: Annotated[str, typer.Option(help="More about it.")] = "",
    phase: PhaseName = "",
    since: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DDTHH:MM", help="Since then; now if not given.")
    ] = "",
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DDTHH:MM", help="Until then, as maintenance has it.")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Not public yet.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Tell of an incident, or announce maintenance; prints its id."""
    from allmende.operations.model.status import Incident
    from allmende.operations.run.incidents import begin as begun

    now = utc_now()
    with _opened(database) as store:
        made = Incident(
            id=uuid4(),
            cloud=cloud,
            name=name,
            description=text,
            affects=tuple(_impact(store, cloud, each, type_, severity) for each in component),
            began_at=moment(since) if since else now,
            ended_at=moment(until) if until else None,
            phase=_phase(store, cloud, phase) if phase else None,
            published_at=None if draft else now,
        )
        begun(store, made, now)
    typer.echo(str(made.id))


@app.command("say")
def say(
    cloud: Cloud,
    incident: Id,
    name: Annotated[str, typer.Argument(metavar="NEWS", help="In few words what is new.")],
    *,
    text: Annotated[str, typer.Option(help="More about it.")] = "",
    phase: PhaseName = "",
    database: DatabaseOption = None,
) -> None:
    """Say more of an incident."""
    from allmende.operations.run.incidents import change
    from allmende.operations.run.incidents import say as said

    with _opened(database) as store:
        now = utc_now()
        reference = _phase(store, cloud, phase) if phase else None
        update = said(store, cloud, _id(store, cloud, incident), (name, text), now, now)
        if reference is not None:
            change(store, cloud, _id(store, cloud, incident), lambda before: replace(before, phase=reference), now)
    typer.echo(f"Update {update.order} is said.", err=True)


@app.command("publish")
def publish(cloud: Cloud, incident: Id, *, database: DatabaseOption = None) -> None:
    """Let everybody read a draft."""
    from allmende.operations.run import incidents

    with _opened(database) as store:
        now, id_ = utc_now(), _id(store, cloud, incident)
        incidents.change(store, cloud, id_, lambda before: incidents.publish(before, now), now)
    typer.echo(f"It is public: /status-pages/{cloud}/incidents/{incident}", err=True)


@app.command("end")
def end(
    cloud: Cloud,
    incident: Id,
    *,
    at: Annotated[str, typer.Option(metavar="YYYY-MM-DDTHH:MM", help="When it ended; now if not given.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Say that an incident is over."""
    from allmende.operations.run.incidents import end as end_incident

    ended_at = moment(at) if at else utc_now()
    with _opened(database) as store:
        end_incident(store, cloud, _id(store, cloud, incident), ended_at, utc_now())
    typer.echo("It is over. Next: allmende status post-mortem", err=True)


@app.command("withdraw")
def withdraw(cloud: Cloud, incident: Id, *, database: DatabaseOption = None) -> None:
    """Delete a draft, or withdraw what was published; that it was withdrawn is seen."""
    from allmende.operations.run.incidents import remove

    with _opened(database) as store:
        remove(store, cloud, _id(store, cloud, incident), utc_now())
    typer.echo("It is withdrawn.", err=True)


@app.command("post-mortem")
def post_mortem(
    cloud: Cloud,
    incident: Id,
    *,
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="Publish this one.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Print what is known of an incident as a post-mortem to complete, or publish one."""
    from allmende.operations.rules import post_mortem as rules
    from allmende.operations.run.incidents import learn, one

    with _opened(database) as store:
        if source is None:
            begun = rules.plain(rules.begun(one(store, cloud, _id(store, cloud, incident), drafts=True)))
            yaml.safe_dump(begun, sys.stdout, sort_keys=False, allow_unicode=True)
            return
        learn(store, cloud, _id(store, cloud, incident), rules.read(_read(source)), utc_now())
    typer.echo(f"It is public: /status-pages/{cloud}/incidents/{incident}#post-mortem", err=True)


@app.command("show")
def show(cloud: Cloud, *, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List the incidents of a cloud, also drafts, the newest first."""
    from allmende.operations.run.incidents import between
    from allmende.operations.run.pages import components

    with _opened(database) as store:
        found = between(store, cloud, None, None, drafts=True)
        names = {each.id: each.name for each in components(store, cloud)}
    rows = [
        {
            "id": str(each.id) if as_json else str(each.id)[:8],
            "incident": printable(each.name),
            "affects": ", ".join(names.get(impact.component, "?") for impact in each.affects),
            "from": f"{each.began_at:%Y-%m-%d %H:%M}",
            "ended": "" if each.ended_at is None else f"{each.ended_at:%Y-%m-%d %H:%M}",
            "public": _public(each),
            "post-mortem": "yes" if each.post_mortem else "no",
        }
        for each in found
    ]
    show_rows(rows, as_json=as_json)


@contextmanager
def _opened(database: str | None) -> Iterator[Database]:
    store = open_database(record_url(database))
    try:
        yield store
    finally:
        store.close()


def _public(incident: "Incident") -> str:
    return "draft" if incident.published_at is None else f"{incident.published_at:%Y-%m-%d %H:%M}"


def _impact(store: Database, cloud: str, component: str, type_: str, severity: str) -> "Impact":
    from allmende.operations.model.status import Impact
    from allmende.operations.run import pages

    components = {each.name: each.id for each in pages.components(store, cloud)}
    types = {each.name: each.id for each in pages.impact_types(store, cloud)}
    severities = {each.name: each.value for each in pages.severities(store, cloud)}
    value = int(severity) if severity.isdecimal() else _chosen(severity, severities, "severity")
    return Impact(
        type=_chosen(type_, types, "impact type"), component=_chosen(component, components, "component"), severity=value
    )


def _phase(store: Database, cloud: str, name: str) -> "PhaseReference":
    from allmende.operations.model.status import PhaseReference
    from allmende.operations.run.pages import phases

    newest = phases(store, cloud)
    order = _chosen(name, {each: order for order, each in enumerate(newest.names)}, "phase")
    return PhaseReference(generation=newest.generation, order=order)


def _id(store: Database, cloud: str, beginning: str) -> UUID:
    from allmende.operations.run.incidents import between

    ids = [each.id for each in between(store, cloud, None, None, drafts=True)]
    found = [each for each in ids if str(each).startswith(beginning.strip().lower())] if beginning.strip() else []
    if len(found) != 1:
        said = f"There is no incident {beginning}" if not found else f"{len(found)} incidents begin with {beginning}"
        raise UnknownNameError(f"{said}.", hint=f"See: allmende status show {cloud}")
    return found[0]


def _chosen(name: str, known: Mapping[str, T], what: str) -> T:
    if name not in known:
        there = f"There are: {', '.join(known)}." if known else "There are none yet."
        raise UnknownNameError(f"The page has no {what} {name!r}.", hint=there)
    return known[name]


def _read(source: Path) -> Any:
    try:
        return yaml.safe_load(source.read_text())
    except (OSError, RecursionError, ValueError, yaml.YAMLError) as error:
        raise DocumentError(
            f"{source} cannot be read: {error}", hint="See: allmende status post-mortem --help"
        ) from error
