"""Preflight: every problem of a machine at once, each with its remedy."""

import os
from pathlib import Path

import pytest

from allmende.errors import PreflightError
from allmende.refcloud.apply import preflight as module
from allmende.refcloud.apply.packages import wanted_packages
from allmende.refcloud.apply.preflight import preflight
from allmende.refcloud.model.cloud import Profile


async def test_an_ordinary_user_learns_everything_that_is_missing_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(module, "_DISK_GIB", 10**6)
    monkeypatch.setattr(module, "_MEMORY_GIB", {Profile.CORE: 10**6})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PreflightError) as error:
        await preflight(tmp_path / ("long" * 30), tmp_path, Profile.CORE, needs_environment=False)
    problems = "\n".join(error.value.problems)
    for remedy in ("sudo allmende cloud up", "Debian 12", "free some", "stop other programs", "XDG_STATE_HOME"):
        assert remedy in problems
    assert len(error.value.problems) >= 5


def test_every_package_has_a_reason() -> None:
    packages = wanted_packages("cloud", "images", "tests")
    assert {"mariadb-server-core", "rabbitmq-server", "ovn-central", "libvirt-daemon"} <= set(packages)
    assert all(len(reason) > 10 for reason in packages.values())
