"""`allmende up`: from a bare machine to a checked cloud on a public page.

It composes what the other subcommands do one by one: the reference cloud comes up, an ordinary member's credential
checks it, the report is signed with this user's key, submitted to this user's registry as anybody would, and shown.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from allmende import __version__
from allmende.checks.catalog import catalogue
from allmende.cli import check_views
from allmende.cli.check_views import Measured
from allmende.cli.clock import utc_now
from allmende.cli.keys import ensure_own_key, write_secret
from allmende.cli.record import opened_registry
from allmende.cli.serving import start_serving
from allmende.cli.signals import ended_by_signals, interruptible
from allmende.cli.steps import Steps, shown_steps
from allmende.cli.terminal import terminal
from allmende.config import Directories, directories
from allmende.refcloud.apply.blueprint import load_blueprint
from allmende.refcloud.model.cloud import CloudAddress, Profile
from allmende.refcloud.run import DEFAULT_NAME, UpOptions
from allmende.refcloud.run import up as bring_up
from allmende.registry.fetch import submit as sending
from allmende.registry.model.accounts import Token, TokenScope
from allmende.registry.model.record import Subject
from allmende.registry.rules.tokens import RANDOM_BYTES
from allmende.registry.run import administer
from allmende.report import sign
from allmende.report.document import Report
from allmende.report.formats import Form, write
from allmende.report.keys import PrivateKey
from allmende.runner.plan import Reach, newest_effective, plan
from allmende.runner.record import recorded
from allmende.runner.run import Deadlines
from allmende.standards import find
from allmende.standards.load import load_standards
from allmende.standards.verdict import score_card

EXAMPLES = """Examples:

\b
  allmende up                     a cloud with real guests, checked, on a page
  allmende up --profile api       no guests, fewer packages, quicker
  allmende up --name second       one more, beside the first

As root on Debian 12. What is missing is installed, with the reason. Everything
listens on this machine only. A second `up` changes nothing and checks again.
Exit code 0 says that the cloud is up and its report is published; whether it
conforms is in the table and on the page.
"""

ACCOUNT = "this-machine"

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=EXAMPLES)
def up(
    *,
    name: Annotated[str, typer.Option(help="The cloud's name.")] = DEFAULT_NAME,
    profile: Annotated[
        Profile | None, typer.Option(help="core: real guests (the default of a new cloud); api: none.")
    ] = None,
    published_images: Annotated[
        bool, typer.Option(help="Also fetch the images of scs-0104 (Ubuntu, Debian, CAPI) from their makers.")
    ] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 for any that is free.")] = 0,
) -> None:
    """Bring up a real cloud, check it, and show the result on a page."""
    ours = directories(os.environ, Path.home())
    with shown_steps() as steps:
        options = UpOptions(today=utc_now().date(), name=name, profile=profile, published_images=published_images)
        address = asyncio.run(bring_up(load_blueprint(), ours, options, steps))
        with steps.step("checking the cloud as an ordinary member"):
            measured, report = interruptible(_measure(ours, address, steps))
        with steps.step("submitting the signed report"):
            page = _publish(ours, report, port)
    check_views.show(measured, terminal())
    typer.echo(_where_to_go(address, page))


async def _measure(ours: Directories, address: CloudAddress, steps: Steps) -> tuple[Measured, Report]:
    """Check the cloud with the credential of its user; return what was found, and the report of it.

    A cloud without guests is only read: what would be tried there says nothing of a real one.
    """
    from allmende.clouds.openstack import open_cloud  # the SDK takes a second to import: only when it is needed
    from allmende.runner.measure import Conditions, measure

    standards = load_standards()
    scope = find.scope(standards, "iaas")
    version = newest_effective(scope, utc_now().date())
    reach = Reach(active=address.profile is not Profile.API)
    planned = plan(standards, catalogue(standards), scope, version, [], reach)
    conditions = Conditions(
        identifier=uuid4(),
        now=utc_now,
        journals=ours.leases,
        partial_reports=ours.partial_reports,
        show=lambda _standing: None,
        say=lambda words: steps(words, done=True),
        deadlines=Deadlines(),
    )
    async with await open_cloud(address.cloud, environ={}, config_files=[address.clouds_yaml]) as cloud:
        with ended_by_signals():
            run = await measure(planned, cloud, conditions)
    report = recorded(run, subject=address.name, identifier=conditions.identifier, version=__version__)
    card = score_card(planned.version, standards, report.results, run.finished_at)
    return Measured(cloud=address.name, run=run, card=card), report


def _publish(ours: Directories, report: Report, port: int) -> str:
    """Submit the signed report to our registry, over its public interface; return the subject's page."""
    key = ensure_own_key(ours)
    serving = start_serving(ours, port)
    token = _enrolled(ours, report.subject, key)
    content = write(Form.OWN, [report])
    sending.submit(serving.url, ACCOUNT, token, Form.OWN, sign.joined(sign.signed(content, key), content))
    return f"{serving.url}/subjects/{report.subject}"


def _enrolled(ours: Directories, subject: str, key: PrivateKey) -> str:
    """Make subject, account, key and token known to our registry where they are not; return the token."""
    token_file = ours.registry / "token"
    face = Subject(
        id=subject, name=subject, operator=os.uname().nodename, description="Reference cloud on this machine"
    )
    with opened_registry(None) as registry:
        now = utc_now()
        administer.ensure_subject(registry, face)
        administer.ensure_account(registry, ACCOUNT, now)
        administer.ensure_grant(registry, ACCOUNT, subject)
        administer.ensure_key(registry, ACCOUNT, key.public, now)
        if not token_file.exists():
            scopes = frozenset({TokenScope.SUBMIT, TokenScope.READ})
            wish = Token(id="", hash="", account=ACCOUNT, name="allmende up", scopes=scopes, made_at=now)
            token = administer.new_token(registry, wish, secrets.token_bytes(RANDOM_BYTES))
            write_secret(token_file, token.encode())
    return token_file.read_text()


def _where_to_go(address: CloudAddress, page: str) -> str:
    launcher = "./allmende" if sys.argv[0].endswith("/.venv/bin/allmende") else "allmende"
    name = "" if address.name == DEFAULT_NAME else f" --name {address.name}"
    return f"""
Page    {page}
Cloud   export OS_CLIENT_CONFIG_FILE={address.clouds_yaml} OS_CLOUD={address.cloud}
Stop    {launcher} down{name}      and remove its state: {launcher} cloud destroy{name}"""
