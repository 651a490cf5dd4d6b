"""Every defect of the catalogue on a real cloud: what the check says of it, and that mending brings all of it back.

With `ALLMENDE_DEFECTS_SEEN=docs/reference/defects-seen.yaml` what was seen is written down for the defect matrix.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from live_cloud import LiveCloud

from allmende.checks.catalog import catalogue
from allmende.refcloud.model.defects import Defect, ImageChanged
from allmende.refcloud.rules.defects import load_defects, together
from allmende.runner.plan import newest_effective
from allmende.standards import find
from allmende.standards.load import load_standards
from allmende.testing.defects.seen import remember

STANDARDS = load_standards()
JUDGED = catalogue(STANDARDS).keys()
SCOPE = find.scope(STANDARDS, "iaas")
TODAY = datetime.now(UTC).date()  # noqa: TID251 -- the check under test reads the clock as well
VERSIONS = (newest_effective(SCOPE, TODAY), find.version(SCOPE, "next", TODAY))
QUICK = tuple(defect for defect in load_defects() if not defect.slow)
GROUPS = together(QUICK)


def listed(version: int) -> frozenset[str]:
    return frozenset(VERSIONS[version].testcases())


def judged(cloud: LiveCloud, testcases: frozenset[str]) -> Mapping[str, str]:
    """Return what the check says of these testcases, in the newest effective version or else in the next one."""
    found: dict[str, str] = {}
    environ = {"OS_CLIENT_CONFIG_FILE": str(cloud.address.clouds_yaml)}
    for number, version in enumerate(VERSIONS):
        wanted = sorted((testcases & listed(number) & JUDGED) - found.keys())
        if wanted:
            only = [word for case in wanted for word in ("--only", case)]
            words = ("check", cloud.address.cloud, "--version", version.name, "--json", *only)
            answer = json.loads(cloud.command_line.run(*words, expected=(0, 1, 3), environ=environ))
            found |= {row["testcase"]: row["outcome"] for row in answer["results"]}
    return found


def everything(cloud: LiveCloud) -> Mapping[str, str]:
    """Return what the check says of every static testcase."""
    static = frozenset(case.id for case in STANDARDS.testcases.values() if not case.active)
    return judged(cloud, static)


@pytest.fixture(scope="module")
def before(live_cloud: LiveCloud) -> Mapping[str, str]:
    return everything(live_cloud)


def present(cloud: LiveCloud, defect: Defect) -> bool:
    """Whether the cloud has the images that the defect changes; those of other makers may be absent."""
    images = {row["name"] for row in cloud.ask(lambda door: door.items("image", "/images", "images"))}
    return all(step.image in images for step in defect.steps if isinstance(step, ImageChanged))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{len(group)}-with-{group[0].id}")
def test_the_check_finds_each_defect(
    group: tuple[Defect, ...], live_cloud: LiveCloud, before: Mapping[str, str]
) -> None:
    group = tuple(defect for defect in group if present(live_cloud, defect))
    expected = {case: outcome.value for defect in group for case, outcome in defect.outcomes.items()}
    expected = {case: outcome for case, outcome in expected.items() if case in (listed(0) | listed(1)) & JUDGED}
    run = live_cloud.command_line.run
    try:
        run("cloud", "break", *(defect.id for defect in group), "--name", live_cloud.name)
        shown = json.loads(run("cloud", "status", "--json", "--name", live_cloud.name))
        assert shown["defects"] == [defect.id for defect in group]
        seen = judged(live_cloud, frozenset(expected))
    finally:
        run("cloud", "mend", "--name", live_cloud.name)
    if file := os.environ.get("ALLMENDE_DEFECTS_SEEN"):
        for defect in group:
            of_defect = {case: outcome for case, outcome in seen.items() if case in defect.outcomes}
            remember(Path(file), defect.id, of_defect, TODAY)
    assert {case: seen.get(case) for case in expected} == expected


def test_all_is_as_before_in_the_end(live_cloud: LiveCloud, before: Mapping[str, str]) -> None:
    assert everything(live_cloud) == before
    assert not (live_cloud.folder / "defects.json").exists()
