"""scs-0128: the demanded tests of Tempest do not fail."""

from allmende.checks.catalog import check
from allmende.checks.evidence import NAMES_IN_SUMMARY, counted, listed, shortened
from allmende.facts.tempest import TempestOutcome, TempestResult, TempestRun
from allmende.outcome import Evidence, Finding, Outcome, failed, passed

GO_ON = "What is left: allmende check CLOUD --heavy --resume."


@check("scs-0128-tempest")
def no_demanded_test_fails(tempest_run: TempestRun) -> Finding:
    """A test that Tempest reports as failed fails it, also in a run that was not finished.

    Skipped tests are no failures, and are named. It passes only where every demanded test was reported and one ran.
    """
    failures = _of(tempest_run, TempestOutcome.FAIL)
    passes = _of(tempest_run, TempestOutcome.PASS)
    notes = (_counts(tempest_run), *_remarks(tempest_run))
    if failures:
        evidence, left_out = shortened([_evidence(result) for result in failures])
        names = listed([result.test.rsplit(".", 1)[-1] for result in failures])
        return failed(
            f"{counted(len(failures), 'test')} of Tempest failed: {names}.", evidence, notes=(*notes, *left_out)
        )
    if not passes:
        summary = f"No test ran: {counted(len(tempest_run.results), 'test')} skipped. {tempest_run.why_missing}"
        return Finding(outcome=Outcome.DNF, summary=summary.strip(), notes=notes)
    if tempest_run.missing:
        missing = counted(len(tempest_run.missing), "demanded test")
        summary = " ".join(filter(None, (f"{missing} without result.", tempest_run.why_missing, GO_ON)))
        return Finding(outcome=Outcome.DNF, summary=summary, notes=notes)
    return passed(f"None of the {counted(len(tempest_run.results), 'test')} of Tempest failed.", notes=notes)


def _of(run: TempestRun, outcome: TempestOutcome) -> list[TempestResult]:
    return [result for result in run.results if result.outcome is outcome]


def _evidence(result: TempestResult) -> Evidence:
    trace = f" [{result.request_id}]" if result.request_id and result.request_id not in result.reason else ""
    return Evidence(
        subject=f"test {result.test.removeprefix('tempest.api.')}",
        seen=f"{result.reason}{trace}",
        demanded="Tempest reports no failure",
        ok=False,
    )


def _counts(run: TempestRun) -> str:
    passes, failures, skips = (len(_of(run, outcome)) for outcome in TempestOutcome)
    release = f"Tempest {run.release}" if run.release else "Tempest"
    return (
        f"{release} with accounts in {counted(run.projects, 'project')}, {run.demanded} tests demanded: "
        f"{passes} passed, {failures} failed, {skips} skipped, {len(run.missing)} without result."
    )


def _remarks(run: TempestRun) -> list[str]:
    """Return what is worth knowing beside the verdict: why tests were skipped or are missing, and what is left."""
    by_reason: dict[str, list[str]] = {}
    for result in _of(run, TempestOutcome.SKIP):
        by_reason.setdefault(result.reason, []).append(result.test.rsplit(".", 1)[-1])
    remarks = [f"Skipped ({len(tests)}): {listed(tests)}: {reason}" for reason, tests in by_reason.items()]
    if run.missing:
        names = listed([name.rsplit(".", 1)[-1] for name in run.missing])
        remarks.append(f"Without result: {names}. {run.why_missing}".strip())
    if run.left_behind:
        shown = ", ".join(run.left_behind[: 2 * NAMES_IN_SUMMARY])
        remarks.append(f"Appeared in the project meanwhile, and was left alone: {shown}.")
    return remarks
