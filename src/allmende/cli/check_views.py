"""How a measured cloud looks in a terminal of 80 columns, and as JSON.

Answer last, where the eye ends: passes folded into counts, failures with what was seen, what is demanded and how to fix
it, then what is not known, then the verdict.
"""

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.console import Console
from rich.text import Text

from allmende.cli import exclusion_views
from allmende.cli.terminal import STYLES, WIDTH, print_line, print_wrapped
from allmende.outcome import Evidence, Outcome
from allmende.runner.plan import NotAttempted, Reason
from allmende.runner.run import Awaited, Judgement, Run, Standing
from allmende.standards.exclusions import Exclusion
from allmende.standards.model import Module, Target
from allmende.standards.verdict import ScoreCard, verdict
from allmende.web.words import STATES

POWERFUL = frozenset({"admin", "manager"})
FULL_FAILURES = 2
FULL_EVIDENCE = 3
SHOWN_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.DNF, Outcome.MISS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A run over a cloud with the score card that it makes on its own, and the exclusions that explain some of it."""

    cloud: str
    run: Run
    card: ScoreCard
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def verdict(self) -> Outcome:
        """The outcome of the version, or of those of its mandatory testcases that were chosen."""
        return verdict(self.outcomes(Target.MAIN).values())

    def outcomes(self, target: Target) -> dict[str, Outcome]:
        """Return the outcome of each chosen testcase under a target."""
        plan = self.run.plan
        chosen = {s.testcase.id for s in plan.steps} | {n.testcase.id for n in plan.not_attempted}
        return {score.testcase: score.outcome for score in self.card.under(target) if score.testcase in chosen}

    def exclusion_of(self, testcase: str) -> Exclusion | None:
        """Return the exclusion that was declared for a testcase, if any."""
        return next((exclusion for exclusion in self.exclusions if exclusion.testcase == testcase), None)


def waiting(standing: Standing, now: float) -> Text:
    """Draw what a run waits for: one line for each thing that takes long, one for all the others together."""
    total = len(standing.settled) + len(standing.awaited)
    long = [one for one in standing.awaited if one.doing]
    short = [one.name for one in standing.awaited if not one.doing]
    lines = [f"… {_elapsed(one, now):>13}  {one.name}: {one.doing}"[:WIDTH] for one in long]
    if not total:
        return Text("Reading the configuration …", style="dim")
    words = f"Waiting for {', '.join(short) or 'these'} ({len(standing.settled)} of {total} in) …"
    return Text("\n".join([*lines, *textwrap.wrap(words, WIDTH)]), style="dim", no_wrap=True)


def _elapsed(awaited: Awaited, now: float) -> str:
    return f"{now - awaited.began:.0f} of ~{awaited.usual_seconds:.0f} s"


def show(measured: Measured, console: Console) -> None:
    """Print what was found."""
    run = measured.run
    seconds = (run.finished_at - run.started_at).total_seconds()
    scope = f"{run.plan.scope.name} {run.plan.version.name}"
    print_line(
        console, Text.assemble((measured.cloud, "bold"), f" · {scope} · {run.requests} requests, {seconds:.2f} s\n")
    )
    _show_modules(console, measured)
    for target in (Target.MAIN, Target.RECOMMENDED, Target.PREVIEW):
        _show_target(console, measured, target)
    _show_exclusions(console, measured)
    print_line(console, "")
    if remarkable := _remarkable(run.judgements):
        print_line(console, f"More: allmende explain {remarkable}")
    if powerful := sorted(run.member.roles & POWERFUL):
        print_line(
            console, f"Looked at with the role {' and '.join(powerful)}: a member may see less. Use a member's user."
        )
    if not run.complete:
        print_line(console, "Interrupted: testcases whose facts were not in yet are missing. --resume goes on.")
    for thing in run.left_behind:
        print_wrapped(console, f"Left in the cloud: {thing}. `allmende cleanup` tries again.", "! ")
    listed = len(run.plan.version.testcases(Target.MAIN))
    chosen = len(measured.outcomes(Target.MAIN))
    if 0 < chosen < listed:  # without any the verdict's line says it
        print_line(console, f"Only {chosen} of {listed} mandatory testcases were chosen.")
    print_line(console, _verdict_line(measured, scope))


def as_json(measured: Measured) -> str:
    """Return what was found as JSON; the keys are described in `docs/how-to/check-a-cloud.md`."""
    run = measured.run
    scope = run.plan.scope
    document = {
        "schema": "allmende.check/1",
        "cloud": measured.cloud,
        "scope": {"id": scope.id, "uuid": scope.uuid, "name": scope.name, "version": run.plan.version.name},
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat(),
        "complete": run.complete,
        "left_behind": list(run.left_behind),
        "whole_version": run.plan.is_whole,
        "requests": run.requests,
        "member": {"user": run.member.user, "project": run.member.project, "roles": sorted(run.member.roles)},
        "verdict": measured.verdict,
        "counts": {target.value: _counts(measured, target) for target in Target},
        "results": [
            _plain(judgement) | exclusion_views.plain(measured.exclusion_of(judgement.testcase.id))
            for judgement in run.judgements
        ],
        "missing": [
            {"testcase": entry.testcase.id, "target": entry.target, "reason": entry.reason}
            | exclusion_views.plain(measured.exclusion_of(entry.testcase.id))
            for entry in run.plan.not_attempted
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _counts(measured: Measured, target: Target) -> dict[str, int]:
    outcomes = list(measured.outcomes(target).values())
    return {outcome.value: outcomes.count(outcome) for outcome in SHOWN_ORDER}


def _plain(judgement: Judgement) -> dict[str, object]:
    testcase, finding = judgement.testcase, judgement.finding
    return {
        "testcase": testcase.id,
        "title": testcase.title,
        "standard": testcase.standard,
        "target": judgement.target,
        "outcome": finding.outcome,
        "checked_at": judgement.checked_at.isoformat(),
        "summary": finding.summary,
        "evidence": [
            {"subject": seen.subject, "seen": seen.seen, "demanded": seen.demanded, "ok": seen.ok}
            for seen in finding.evidence
        ],
        "notes": list(finding.notes),
        "remedy": testcase.remedy,
        "url": testcase.url,
        "runbook": testcase.runbook,
    }


def _remarkable(judgements: Sequence[Judgement]) -> str:
    """Return the first testcase that somebody may want to have explained, if any."""
    wanted = (
        j.testcase.id for outcome in (Outcome.FAIL, Outcome.DNF) for j in judgements if j.finding.outcome is outcome
    )
    return next(wanted, "")


def _show_modules(console: Console, measured: Measured) -> None:
    """Print one line for each standard that has mandatory testcases among the chosen."""
    outcomes = measured.outcomes(Target.MAIN)
    for module in measured.run.plan.version.modules:
        of_module = [outcomes[id_] for id_ in module.targets.get(Target.MAIN, ()) if id_ in outcomes]
        if of_module:
            print_line(console, _module_line(module, of_module))


def _module_line(module: Module, outcomes: Sequence[Outcome]) -> Text:
    line = Text(f"  {module.id:<14} {_cut(module.name, 39):<39}")
    for outcome in SHOWN_ORDER:
        number = outcomes.count(outcome)
        line.append(f"{number:>3} {STATES[outcome].symbol} " if number else "      ", STYLES[outcome])
    line.rstrip()
    return line


def _show_target(console: Console, measured: Measured, target: Target) -> None:
    """Print what is not passed under one target; short for what never counts, unless there is nothing that counts."""
    judgements = [judgement for judgement in measured.run.judgements if judgement.target is target]
    missing = [entry for entry in measured.run.plan.not_attempted if entry.target is target]
    if not judgements and not missing:
        return
    if target is not Target.MAIN:
        counts = _counted(list(measured.outcomes(target).values()))
        print_line(console, Text.assemble(f"\n{target.value.capitalize()} (shown, never counted): ", counts))
    if target is not Target.MAIN and measured.outcomes(Target.MAIN):
        for outcome in (Outcome.FAIL, Outcome.DNF):
            ids = [judgement.testcase.id for judgement in judgements if judgement.finding.outcome is outcome]
            if ids:
                _print_ids(console, outcome, ids)
        _show_missing(console, missing, before="")
        return
    _show_failures(console, measured, [j for j in judgements if j.finding.outcome is Outcome.FAIL])
    _show_undetermined(console, [j for j in judgements if j.finding.outcome is Outcome.DNF])
    _show_missing(console, missing, before="\n")


def _show_missing(console: Console, missing: Sequence[NotAttempted], *, before: str) -> None:
    """Print what was not attempted by reason; for what people judge, where it is said what to hand in."""
    for reason, entries in groupby(sorted(missing, key=lambda entry: entry.reason), key=lambda entry: entry.reason):
        ids = [entry.testcase.id for entry in entries]
        more = f" (`allmende explain {ids[0]}` tells what to hand in)" if reason is Reason.MANUAL else ""
        console.print(before, end="")
        _print_ids(console, Outcome.MISS, ids, f"Not attempted, {reason}{more}:")


def _show_failures(console: Console, measured: Measured, failures: Sequence[Judgement]) -> None:
    for _, group in groupby(failures, key=lambda judgement: judgement.testcase.standard):
        of_standard = list(group)
        for judgement in of_standard[:FULL_FAILURES]:
            _show_failure(console, judgement, measured.exclusion_of(judgement.testcase.id))
        if rest := of_standard[FULL_FAILURES:]:
            print_line(console, "")
            _print_ids(console, Outcome.FAIL, [j.testcase.id for j in rest], "Likewise:")


def _show_failure(console: Console, judgement: Judgement, exclusion: Exclusion | None) -> None:
    testcase, finding = judgement.testcase, judgement.finding
    print_line(console, Text.assemble("\n", _marked(Outcome.FAIL, testcase.id)))
    print_wrapped(console, testcase.title, "  ")
    offenders = [seen for seen in finding.evidence if not seen.ok]
    for demanded, alike in groupby(offenders[:FULL_EVIDENCE], key=lambda offender: offender.demanded):
        _show_offenders(console, demanded, alike)
    if not offenders:
        print_wrapped(console, finding.summary, "    seen      ")
    if len(offenders) > FULL_EVIDENCE:
        print_line(console, f"    and {len(offenders) - FULL_EVIDENCE} more")
    for note in finding.notes:
        print_wrapped(console, note, "    note      ")
    if exclusion:
        print_wrapped(console, f"until {exclusion.expires}, {exclusion.owner}: {exclusion.reason}", "    excluded  ")
    _show_remedy(console, testcase.remedy)


def _show_exclusions(console: Console, measured: Measured) -> None:
    if measured.exclusions:
        print_line(console, "\nExcluded by whoever runs the cloud, which changes no outcome:")
    outcomes = {id_: outcome for target in Target for id_, outcome in measured.outcomes(target).items()}
    for line in exclusion_views.lines(measured.exclusions, outcomes, WIDTH):
        print_line(console, line)


def _show_offenders(console: Console, demanded: str, offenders: Iterable[Evidence]) -> None:
    for offender in offenders:
        print_wrapped(console, f"{offender.subject}: {offender.seen}", "    seen      ")
    if demanded:
        print_wrapped(console, demanded, "    demanded  ")


def _show_remedy(console: Console, remedy: str) -> None:
    """Print sentences wrapped, and commands (they are indented) whole, so that they can be copied."""
    label = "    fix       "
    for is_command, lines in groupby(remedy.splitlines(), key=lambda line: line.startswith(" ")):
        if is_command:
            for line in lines:
                console.print(Text(f"              {line.removeprefix('  ')}", style="cyan"), soft_wrap=True)
        else:
            print_wrapped(console, " ".join(lines), label)
        label = " " * len(label)


def _show_undetermined(console: Console, judgements: Sequence[Judgement]) -> None:
    """Print reasons once, with all testcases that they keep from being judged."""
    reasons = dict.fromkeys(judgement.finding.summary for judgement in judgements)
    for reason in reasons:
        alike = [judgement for judgement in judgements if judgement.finding.summary == reason]
        print_line(console, "")
        _print_ids(console, Outcome.DNF, [judgement.testcase.id for judgement in alike])
        print_wrapped(console, reason, "    reason    ")
        for note in dict.fromkeys(note for judgement in alike for note in judgement.finding.notes):
            print_wrapped(console, note, "    note      ")


def _print_ids(console: Console, outcome: Outcome, ids: Sequence[str], label: str = "") -> None:
    lines = textwrap.wrap(f"{label} {', '.join(ids)}".strip(), WIDTH - 2, break_on_hyphens=False)
    for number, line in enumerate(lines):
        print_line(console, _marked(outcome, line) if number == 0 else f"  {line}")


def _verdict_line(measured: Measured, scope: str) -> Text:
    outcomes = measured.outcomes(Target.MAIN)
    if not measured.run.plan.version.testcases(Target.MAIN):
        return Text(f"cloud {measured.cloud}: {scope} has no mandatory testcase, so there is no verdict")
    if not outcomes:
        return Text(f"cloud {measured.cloud}: no mandatory testcase of {scope} was chosen")
    line = Text(f"cloud {measured.cloud}: {scope} — ")
    line.append(f"{STATES[measured.verdict].symbol} {measured.verdict}", STYLES[measured.verdict])
    return line.append(", ").append(_counted(list(outcomes.values())))


def _counted(outcomes: Sequence[Outcome]) -> Text:
    counts = Text()
    for outcome in SHOWN_ORDER:
        if number := outcomes.count(outcome):
            counts.append(" " if counts else "").append(f"{number} {STATES[outcome].symbol}", STYLES[outcome])
    return counts


def _marked(outcome: Outcome, text: str) -> Text:
    return Text.assemble((STATES[outcome].symbol, STYLES[outcome]), f" {text}")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
