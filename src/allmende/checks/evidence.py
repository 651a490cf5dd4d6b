"""What a finding shows of the things that were looked at: all that offend, first, and a few that conform.

A rule about every thing of a kind is judged here once: FAIL when one offends, PASS when none does, and never a word
about nothing: who calls `every` has seen at least one thing.
"""

from collections.abc import Iterable, Sequence

from allmende.outcome import Evidence, Finding, Outcome, failed, passed

OFFENDERS_SHOWN = 50
CONFORMING_SHOWN = 3
NAMES_IN_SUMMARY = 3
VACUOUS = "The public test suite passes where there is nothing to look at."


def every(kind: str, claim: str, evidence: Iterable[Evidence], *, notes: Iterable[str] = ()) -> Finding:
    """Judge «every `kind` has `claim`» (nouns with their article: «image», «a valid os_version») from the evidence."""
    looked_at = tuple(evidence)
    if not looked_at:
        raise ValueError(f"a rule about every {kind} cannot be judged without one")
    offenders = [item for item in looked_at if not item.ok]
    shown, left_out = shortened(looked_at)
    remarks = (*notes, *left_out)
    total = len(looked_at)
    if offenders:
        subject = f"The only {kind}" if total == 1 else f"{len(offenders)} of {counted(total, kind)}"
        verb = "lacks" if len(offenders) == 1 else "lack"
        names = listed([_bare(item.subject, kind) for item in offenders])
        return failed(f"{subject} {verb} {claim}: {names}.", shown, notes=remarks)
    subject = f"The only {kind} has" if total == 1 else f"All {counted(total, kind)} have"
    return passed(f"{subject} {claim}.", shown, notes=remarks)


def nothing_seen(reason: str) -> Finding:
    """Judge a rule about every thing of a kind where none was seen: nothing passes vacuously (ADR 0009)."""
    return Finding(outcome=Outcome.DNF, summary=reason, notes=(VACUOUS,))


def shortened(evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Return what to show of `evidence`, offenders first, and a remark for what is left out."""
    offenders = [item for item in evidence if not item.ok]
    conforming = [item for item in evidence if item.ok]
    remarks = []
    if len(offenders) > OFFENDERS_SHOWN:
        remarks.append(f"{len(offenders) - OFFENDERS_SHOWN} more offend and are not shown.")
    if len(conforming) > CONFORMING_SHOWN:
        remarks.append(f"{len(conforming) - CONFORMING_SHOWN} more conform and are not shown.")
    return (*offenders[:OFFENDERS_SHOWN], *conforming[:CONFORMING_SHOWN]), tuple(remarks)


def counted(number: int, kind: str) -> str:
    """Write a number of things: «1 image», «3 images»."""
    return f"{number} {kind}" if number == 1 else f"{number} {kind}s"


def none_of(number: int, kind: str) -> str:
    """Write that of so many things none does: «No image of 3»."""
    return f"No {kind} of {number}"


def listed(names: Sequence[str]) -> str:
    """Write the first few names and how many more there are."""
    more = len(names) - NAMES_IN_SUMMARY
    return ", ".join(names[:NAMES_IN_SUMMARY]) + (f" and {more} more" if more > 0 else "")


def _bare(subject: str, kind: str) -> str:
    """Return the name alone of a subject like «image Debian 12»."""
    return subject.removeprefix(f"{kind} ").removeprefix(f"{kind.rsplit(maxsplit=1)[-1]} ")
