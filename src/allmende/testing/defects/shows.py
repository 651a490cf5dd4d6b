"""Which runs over fake clouds show every testcase clean, with its defect, and blinded: as few as do not disturb."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from allmende.outcome import Outcome
from allmende.standards.model import Standards
from allmende.testing.defects.blindness import blindnesses
from allmende.testing.defects.catalogue import SHOWN_ELSEWHERE, defects
from allmende.testing.defects.model import SERVED, Blindness, Defect, Setting

SCOPES = ("iaas", "govstack-cloud-infrastructure")
"""The scopes of which every automated testcase is shown."""


class Column(StrEnum):
    """What is wrong with the cloud of a run."""

    CLEAN = "clean"
    DEFECT = "defect"
    BLIND = "blind"


DUE: Mapping[Column, Outcome] = MappingProxyType(
    {Column.CLEAN: Outcome.PASS, Column.DEFECT: Outcome.FAIL, Column.BLIND: Outcome.DNF}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """One run: the setting, what is wrong with the cloud for each testcase (None: nothing), and so what is due."""

    name: str
    column: Column
    setting: Setting
    wrong: Mapping[str, Defect | Blindness | None]

    def __str__(self) -> str:
        return f"{self.column}: {self.name}"

    @property
    def strikes(self) -> tuple[Defect | Blindness, ...]:
        """Everything that is wrong, each once."""
        by_sentence = {wrong.sentence: wrong for wrong in self.wrong.values() if wrong}
        return tuple(by_sentence.values())


def demanded(standards: Standards) -> tuple[str, ...]:
    """Return every automated testcase of every version of the scopes, in the order of the newest version first."""
    ids = {
        testcase: None
        for name in SCOPES
        for version in standards.scope(name).versions
        for testcase in version.testcases()
        if standards.testcases[testcase].automated
    }
    return tuple(ids)


def shown_here(standards: Standards) -> tuple[str, ...]:
    """Return those that are to be shown on fake clouds."""
    return tuple(testcase for testcase in demanded(standards) if testcase not in SHOWN_ELSEWHERE)


def shows(standards: Standards) -> tuple[Show, ...]:
    """Return every run; testcases for which nothing is in the catalogue are in none."""
    wrong = defects(standards)
    able = {testcase: wrong[testcase] for testcase in shown_here(standards) if testcase in wrong}
    return (*_clean(able), *_defective(able.values()), *_blind(able))


def _clean(able: Mapping[str, Defect]) -> Iterator[Show]:
    for setting in {defect.setting.name: defect.setting for defect in able.values()}.values():
        testcases = [testcase for testcase, defect in able.items() if defect.setting is setting]
        yield Show(name=setting.name, column=Column.CLEAN, setting=setting, wrong=dict.fromkeys(testcases))


def _defective(able: Iterable[Defect]) -> Iterator[Show]:
    runs: dict[tuple[str, str], list[Defect]] = defaultdict(list)
    for defect in able:
        runs[defect.setting.name, defect.run].append(defect)
    for (_, name), together in runs.items():
        wrong = {defect.testcase: defect for defect in together}
        yield Show(name=name, column=Column.DEFECT, setting=together[0].setting, wrong=wrong)


def _blind(able: Mapping[str, Defect]) -> Iterator[Show]:
    runs: dict[str, dict[str, Defect | Blindness | None]] = defaultdict(dict)
    settings: dict[str, Setting] = defaultdict(lambda: SERVED)
    for blindness in blindnesses():
        settings[blindness.run] = blindness.setting
        for testcase in able:
            if blindness.blinds(testcase):
                if testcase in runs[blindness.run]:
                    raise ValueError(f"{testcase} is blinded twice in the run «{blindness.run}».")
                runs[blindness.run][testcase] = blindness
    for name, wrong in runs.items():
        yield Show(name=name, column=Column.BLIND, setting=settings[name], wrong=wrong)
