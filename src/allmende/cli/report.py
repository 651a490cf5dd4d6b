"""`allmende report`: sign, verify, show, convert, compare and submit reports; each step does one thing."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from allmende.canonical import digest
from allmende.cli import difference_views
from allmende.cli.clock import utc_now
from allmende.cli.files import write_file
from allmende.cli.forms import FormName, written
from allmende.cli.keys import TOKEN_VARIABLE, ensure_own_key, own_key_file, read_key, read_secret, read_token
from allmende.cli.options import AsJson
from allmende.cli.report_views import show_receipt, show_reports
from allmende.cli.terminal import terminal
from allmende.config import directories
from allmende.errors import DocumentError, SettingsError, UsageError
from allmende.registry.fetch import submit as sending
from allmende.registry.model.record import Receipt
from allmende.report import sign as signatures
from allmende.report.attestation import Statement, attestation, named_files
from allmende.report.difference import Direction, difference
from allmende.report.document import Report
from allmende.report.formats import Form, own, read, recognised, write
from allmende.report.keys import PrivateKey, parse_public_key
from allmende.runner.plan import newest_effective
from allmende.standards import find
from allmende.standards.load import load_standards
from allmende.standards.model import Standards, Version
from allmende.web.words import count

EXAMPLES = f"""Examples:

\b
  allmende report key                  this user's signing key
  allmende report sign report.json     writes report.json.sig
  allmende report verify report.json --allowed id_ed25519.pub
  allmende report submit report.json --registry https://registry.example.org \\
      --account myname --token-file token
  allmende report convert report.json --to html > report.html
  allmende report diff yesterday.json today.json

Signatures are those of ssh-keygen: ssh-keygen -Y sign -n report -f KEY FILE.
The token comes from --token-file, from {TOKEN_VARIABLE} or from a prompt.
"""

ATTEST_EXAMPLES = """Examples:

\b
  allmende explain key-manager-docs-check        what has to be stated
  allmende report attest mycloud key-manager-docs-check \\
      --text 'Documented at https://docs.example.org/kms' \\
      --file kms-concept.pdf -o attestation.json
"""

File = Annotated[Path, typer.Argument(metavar="FILE", help="A report; - is standard input.", allow_dash=True)]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="OpenSSH private key; this user's own if not given.")
]

app = typer.Typer(
    help="Sign, verify, show, convert, compare and submit reports.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command()
def key() -> None:
    """Print this user's public key; made when missing."""
    ours = directories(os.environ, Path.home())
    made = not own_key_file(ours).exists()
    public = ensure_own_key(ours).public
    typer.echo(f"{own_key_file(ours)}{' (made now)' if made else ''}, {public.fingerprint}", err=True)
    typer.echo(public.line)


@app.command()
def sign(
    file: File,
    *,
    key: KeyOption = None,
    output: Annotated[Path | None, typer.Option(help="Where the signature goes; FILE.sig if not given.")] = None,
) -> None:
    """Sign a report, as ssh-keygen does."""
    content = _content(file)
    read(recognised(content), content)
    target = output or _signature_file(file)
    write_file(target, signatures.signed(content, _key(key)))
    typer.echo(f"{target} is the signature of {file}.", err=True)


@app.command()
def verify(
    file: File,
    *,
    signature: Annotated[Path | None, typer.Option(help="The signature; FILE.sig if not given.")] = None,
    allowed: Annotated[
        list[Path] | None, typer.Option(help="A public key file that may have signed; repeatable.")
    ] = None,
) -> None:
    """Say who signed a report, and fail unless it was an allowed key."""
    content = _content(file)
    armored = read_secret(signature or _signature_file(file), "signature")
    signer = signatures.signer(content, armored)
    if allowed:
        keys = [parse_public_key(read_secret(path, "public key").decode("utf-8", "replace")) for path in allowed]
        signatures.verified(content, armored, keys)
    typer.echo(f"The signature holds: {signer.type} {signer.fingerprint}")
    if not allowed:
        typer.echo("Whose key that is was not asked: name the keys you trust with --allowed.", err=True)


@app.command()
def show(
    file: File, *, as_json: Annotated[bool, typer.Option("--json", help="Print Allmende's own JSON.")] = False
) -> None:
    """Show what a report says, in whichever form it is."""
    content = _content(file)
    reports = read(recognised(content), content)
    if as_json:
        typer.echo(json.dumps([report.model_dump(mode="json", by_alias=True) for report in reports], indent=2))
    else:
        show_reports(reports)


@app.command()
def convert(
    file: File,
    *,
    to: Annotated[FormName, typer.Option(help="The form to write.")],
    version: Annotated[
        str | None,
        typer.Option(help="Version of the scope that results are shown for; the newest effective one if not given."),
    ] = None,
) -> None:
    """Write a report in another form to standard output. Its signature does not hold for that."""
    reports = _reports(file)
    standards = load_standards()
    typer.echo(written(to, reports, standards, _version(standards, reports, version)), nl=False)


@app.command(epilog=difference_views.EXAMPLES)
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="The earlier report; - is standard input.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The later report, in the same or another form.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell which testcases have another outcome in B than in A.

    What was seen differently stands with each.
    """
    if str(before) == str(after) == "-":
        raise UsageError("Both reports are standard input.", hint="Name a file for one of them.")
    found = difference(_only(before), _only(after))
    if as_json:
        typer.echo(difference_views.as_json(found))
    else:
        difference_views.show(found, load_standards(), terminal())
    raise typer.Exit(1 if found.that_are(Direction.WORSE) else 0)


@app.command(epilog=ATTEST_EXAMPLES)
def attest(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Id of the subject in the registry.")],
    testcase: Annotated[str, typer.Argument(metavar="TESTCASE", help="A testcase that people judge.")],
    *,
    text: Annotated[str, typer.Option(help="How it is, and where that can be read; it is public.")],
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="FILE", help="Evidence: the report has its SHA-256; repeatable."),
    ] = None,
    scope: Annotated[str, typer.Option(help="The scope that it is for.")] = "iaas",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the report is written.")],
) -> None:
    """Write a report that attests a testcase which people judge. Submit it like any other; an assessor decides."""
    standards = load_standards()
    evidence = [(path.name, read_secret(path, "evidence")) for path in file or ()]
    stated = Statement(
        subject=subject, scope=find.scope(standards, scope), testcase=find.testcase(standards, testcase), text=text
    )
    report = attestation(stated, evidence, uuid4(), utc_now())
    write_file(output, own.write(report))
    typer.echo(f"{output} attests {testcase} for {subject}. Next: allmende report submit {output} …", err=True)


@app.command()
def schema() -> None:
    """Print the JSON schema of Allmende's own form."""
    typer.echo(json.dumps(own.schema(), indent=2))


@app.command()
def submit(
    file: File,
    *,
    registry: Annotated[str, typer.Option(metavar="URL", help="The registry's address.")],
    account: Annotated[str, typer.Option(help="The account's name there.")],
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The file with the account's token.")] = None,
    key: KeyOption = None,
    signature: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A signature made before; signed now if not given.")
    ] = None,
    evidence: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Hand in a file that it attests with; repeatable.")
    ] = None,
) -> None:
    """Sign a report and send it to a registry. Sending the same report again changes nothing.

    A registry that takes only the form of the SCS test suite, as the SCS compliance monitor does, gets that.
    """
    content = _content(file)
    form = recognised(content)
    reports = read(form, content)
    token = read_token(token_file, os.environ)
    files = [read_secret(path, "evidence") for path in evidence or ()]
    belongs_to = [_statement_naming(each, reports) for each in files]

    def send(form: Form, content: bytes, armored: bytes) -> Receipt | None:
        return sending.submit(registry, account, token, form, signatures.joined(armored, content))

    if signature:
        receipt = send(form, content, read_secret(signature, "signature"))
    else:
        signer = _key(key)
        try:
            receipt = send(form, content, signatures.signed(content, signer))
        except sending.FormNotTakenError:
            if form is not Form.OWN:
                raise
            content = write(Form.UPSTREAM_YAML, reports)
            receipt = send(Form.UPSTREAM_YAML, content, signatures.signed(content, signer))
            typer.echo("It was sent in the form of the SCS test suite, without evidence: no other is taken.", err=True)
    show_receipt(registry.rstrip("/"), receipt, reports)
    for belongs, each in zip(belongs_to, files, strict=True):
        sending.hand_in(registry, account, token, belongs.id, each)
    if files:
        typer.echo(f"{count(len(files), 'file')} of evidence handed in, for the assessor.", err=True)


def _reports(file: Path) -> tuple[Report, ...]:
    content = _content(file)
    return read(recognised(content), content)


def _only(file: Path) -> Report:
    reports = _reports(file)
    if len(reports) != 1:
        raise DocumentError(f"{file} holds {len(reports)} reports.", hint="Compare files that hold one report each.")
    return reports[0]


def _statement_naming(content: bytes, reports: Sequence[Report]) -> Report:
    for report in reports:
        evidence = (row for result in report.results for row in result.evidence)
        if digest(content) in {file.sha256 for file in named_files(evidence)}:
            return report
    raise UsageError(
        f"The report names no file with the SHA-256 {digest(content)}.",
        hint="Hand in exactly the file that was given to `allmende report attest --file`.",
    )


def _version(standards: Standards, reports: Sequence[Report], name: str | None) -> Version | None:
    """Return the version that reports are read against; None where the catalogue does not know it."""
    for report in reports[:1]:
        day = report.finished_at.date()
        if name:
            return find.version(find.scope(standards, str(report.scope)), name, day)
        with suppress(KeyError, UsageError):
            return newest_effective(standards.scope(str(report.scope)), day)
    return None


def _content(file: Path) -> bytes:
    if str(file) == "-":
        return typer.get_binary_stream("stdin").read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"The report {file} cannot be read: {error.strerror}.", hint="Check the path and who may read the file."
        ) from error


def _signature_file(file: Path) -> Path:
    if str(file) == "-":
        raise DocumentError("The signature of standard input has no name.", hint="Name it with an option; see --help.")
    return file.with_name(f"{file.name}.sig")


def _key(path: Path | None) -> PrivateKey:
    if path is not None:
        return read_key(path, os.environ)
    return ensure_own_key(directories(os.environ, Path.home()))
