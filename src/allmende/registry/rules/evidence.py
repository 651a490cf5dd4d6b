"""Decide which files of evidence are kept: those that a signed statement names by their SHA-256, of types people read.

So a file needs no signature of its own, and none can be exchanged for another.
"""

from collections.abc import Iterable

from allmende.canonical import digest
from allmende.registry.model.accounts import Account
from allmende.registry.model.assessment import Attestation
from allmende.registry.model.refusals import Reason, Refusal
from allmende.report.attestation import FILE_TYPES, MOST_BYTES, NamedFile, named_files

MOST_KEPT = 200 * 1024 * 1024
"""How many bytes of files are kept for one subject."""


def named_in(attestations: Iterable[Attestation]) -> tuple[NamedFile, ...]:
    """Return the files that these statements name."""
    return tuple(file for each in attestations for file in named_files(each.result.evidence))


def admitted(
    account: Account, subject: str, attestations: Iterable[Attestation], content: bytes, kept: int
) -> NamedFile | Refusal:
    """Return which file this is that the statements of one report name, or why it is not kept.

    `kept` is how many bytes of files are kept for the subject already.
    """
    if subject not in account.subjects:
        return Refusal(
            reason=Reason.FOREIGN_SUBJECT,
            detail=f"The account {account.name} does not report for the subject {subject}.",
            hint="Who reports for it hands in its files.",
        )
    sha256 = digest(content)
    file = next((each for each in named_in(attestations) if each.sha256 == sha256), None)
    if file is None:
        return Refusal(
            reason=Reason.NOT_NAMED,
            detail=f"The report has no statement that names a file with the SHA-256 {sha256}.",
            hint="Hand in exactly the file that was given to `allmende report attest --file`, or attest anew.",
        )
    if not file.name.lower().endswith(FILE_TYPES):
        return Refusal(
            reason=Reason.UNSUPPORTED_FORM,
            detail=f"{file.name} is of no type that evidence may have.",
            hint=f"These are taken: {' '.join(FILE_TYPES)}",
        )
    if len(content) > MOST_BYTES or kept + len(content) > MOST_KEPT:
        return Refusal(
            reason=Reason.TOO_LARGE,
            detail=f"A file has {MOST_BYTES // 2**20} MiB at most, all files of a subject {MOST_KEPT // 2**20} MiB.",
            hint="Name the address where it can be read in the text of the statement.",
        )
    return file
