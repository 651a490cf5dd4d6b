"""How the testcases of a score card stand on a page: by target, then by module, with what is about to expire."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from allmende.outcome import Outcome
from allmende.registry.model.scores import ScoredTestcase, SubjectScore, VersionScore
from allmende.standards.model import Module, Target

SOON = 4
SOON_AT_MOST = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleGroup:
    """The testcases of one module under one target, in the module's order."""

    module: Module
    testcases: tuple[ScoredTestcase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSection:
    """The modules that have testcases under one target. `total` counts them all, also those that are not shown."""

    target: Target
    groups: tuple[ModuleGroup, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """One scope on the page of a subject: the score, and the version of it that is shown testcase by testcase."""

    score: SubjectScore
    shown: VersionScore | None
    sections: tuple[TargetSection, ...]
    failures: tuple[ScoredTestcase, ...]


def score_view(score: SubjectScore, version: str, *, only_open: bool) -> ScoreView:
    """Return the score with `version` laid out, or its headline when it has no such version.

    With `only_open`, testcases that pass are left out.
    """
    asked = next((v for v in score.versions if v.version.name == version), None)
    shown = asked or score.headline or next(iter(score.versions), None)
    sections = tuple(_sections(shown, only_open=only_open)) if shown else ()
    failures = tuple(t for t in shown.testcases if _fails_main(t)) if shown else ()
    return ScoreView(score=score, shown=shown, sections=sections, failures=failures)


def expires_soon(testcase: ScoredTestcase, now: datetime) -> bool:
    """Tell whether a pass is in the last quarter of its lifetime, two weeks at most: time to check it again."""
    if testcase.outcome is not Outcome.PASS or testcase.result is None or testcase.expires_at is None:
        return False
    lifetime = testcase.expires_at - testcase.result.checked_at
    return testcase.expires_at - now < min(lifetime / SOON, SOON_AT_MOST)


def _sections(score: VersionScore, *, only_open: bool) -> Iterator[TargetSection]:
    by_id = {line.testcase.id: line for line in score.testcases}
    for target in Target:
        groups = []
        total = 0
        for module in score.version.modules:
            lines = [by_id[id_] for id_ in module.targets.get(target, ()) if id_ in by_id]
            total += len(lines)
            kept = tuple(line for line in lines if not (only_open and line.outcome is Outcome.PASS))
            if kept:
                groups.append(ModuleGroup(module=module, testcases=kept))
        if total:
            yield TargetSection(target=target, groups=tuple(groups), total=total)


def _fails_main(line: ScoredTestcase) -> bool:
    return line.target is Target.MAIN and line.outcome is Outcome.FAIL
