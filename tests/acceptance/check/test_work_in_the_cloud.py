"""What a check creates in a cloud: used, shown as evidence, removed, whatever happens in between."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from allmende.testing.openstack import FakeOpenStack

Check = Callable[..., Any]
BACKUP = ("fake", "--only", "scs-0117-*")


def started(fake: FakeOpenStack, folder: Path, *words: str) -> "subprocess.Popen[str]":
    environ = {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(fake.write_clouds_yaml(folder)),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    command = [sys.executable, "-m", "allmende", *words]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def once_asked(fake: FakeOpenStack, call: str) -> None:
    deadline = time.monotonic() + 60
    while not any(seen.startswith(call) for seen in fake.calls):
        assert time.monotonic() < deadline, f"nobody asked {call}"
        time.sleep(0.02)


def journals(folder: Path) -> list[Path]:
    return list((folder / "state/allmende/leases").glob("*"))


def test_a_conformant_cloud_passes_every_mandatory_testcase_and_nothing_is_left(
    check: Check, fake: FakeOpenStack, tmp_path: Path
) -> None:
    said = check("fake")
    assert said.code == 0, said.out
    assert said.last_line == "cloud fake: SCS-compatible IaaS v5.1 — ✓ PASS, 54 ✓"
    assert "removes again what it creates: allmende-" in said.err
    assert fake.resources() == []
    assert journals(tmp_path) == []


def test_read_only_sends_nothing_that_changes_the_cloud(check: Check, fake: FakeOpenStack) -> None:
    check("fake", "--read-only")
    assert {call.split()[0] for call in fake.calls if "auth/tokens" not in call} == {"GET"}


def test_a_backup_that_breaks_fails_with_the_cloud_s_words_and_leaves_nothing(
    check: Check, fake: FakeOpenStack
) -> None:
    fake.goes_wrong("backup", words="the driver lost its way")
    said = check(*BACKUP)
    assert said.code == 1
    assert "step «wait until the backup is available»: went wrong: backup" in " ".join(said.out.split())
    assert fake.resources() == []


def test_a_quota_that_does_not_suffice_is_said_before_anything_is_created(check: Check, fake: FakeOpenStack) -> None:
    fake.quota("volume", 1)
    said = check(*BACKUP)
    assert said.code == 3
    assert "it takes 2 block-storage.volumes (1 free)" in " ".join(said.out.split())
    assert not [call for call in fake.calls if call.startswith("POST") and "auth/tokens" not in call]


def test_what_could_not_be_removed_is_said_with_the_next_step(check: Check, fake: FakeOpenStack) -> None:
    fake.refuse("DELETE", "/secrets/{id}", status=403, message="Secrets are kept for ever.")
    said = check("fake", "--only", "scs-0116-*")
    assert "! Left in the cloud: secret allmende-" in said.out
    assert "`allmende cleanup`" in said.out
    again = json.loads(check("fake", "--only", "scs-0116-*", "--json").out)
    assert len(again["left_behind"]) == 1


def test_ctrl_c_in_the_middle_removes_everything(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("backup")
    with started(fake, tmp_path, "check", *BACKUP) as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        fake.state.stuck.clear()
        for resource in fake.state.resources.of("backup"):
            resource.looks = 0
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "Interrupted" in out
    assert fake.resources() == []
    assert journals(tmp_path) == []


def test_what_a_killed_run_left_is_removed_by_cleanup_and_nothing_else(fake: FakeOpenStack, tmp_path: Path) -> None:
    with started(fake, tmp_path, "check", *BACKUP) as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        run.send_signal(signal.SIGKILL)
    assert len(fake.resources()) >= 3
    with started(fake, tmp_path, "cleanup", "fake", "--dry-run") as look:
        shown, _ = look.communicate(timeout=60)
    assert shown.count("would go") >= 3
    assert len(fake.resources()) >= 3
    with started(fake, tmp_path, "cleanup", "fake", "--json") as cleaning:
        out, err = cleaning.communicate(timeout=60)
    assert cleaning.returncode == 0, err
    assert {thing["state"] for thing in json.loads(out)["things"]} == {"removed"}
    assert fake.resources() == []


def test_the_next_run_cleans_up_after_a_killed_one(fake: FakeOpenStack, tmp_path: Path) -> None:
    with started(fake, tmp_path, "check", *BACKUP) as run:
        once_asked(fake, "POST /volume/v3/4fd44f30292945e481c7b8a0c8908869/volumes")
        run.send_signal(signal.SIGKILL)
    with started(fake, tmp_path, "check", "fake", "--only", "scs-0116-*") as following:
        _, err = following.communicate(timeout=120)
    assert "things were removed that the run" in err
    assert fake.resources() == []


def test_a_run_of_another_machine_is_cleaned_up_by_its_tag(fake: FakeOpenStack, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with started(fake, there, "check", *BACKUP) as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        run.send_signal(signal.SIGKILL)
    with started(fake, here, "cleanup", "fake", "--json") as looking:
        out, _ = looking.communicate(timeout=60)
    (tag,) = json.loads(out)["other_runs"]
    assert len(fake.resources()) >= 3
    with started(fake, here, "cleanup", "fake", "--run", tag) as cleaning:
        cleaning.communicate(timeout=60)
    assert fake.resources() == []


def test_a_killed_run_is_continued_by_resume(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("backup")
    with started(fake, tmp_path, "check", "fake") as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        partial = tmp_path / "state/allmende/partial-reports"
        deadline = time.monotonic() + 30
        while not any("scs-0103" in file.read_text() for file in partial.glob("*.json")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
    fake.state.stuck.clear()
    for resource in fake.state.resources.of("backup"):
        resource.looks = 0
    fake.calls.clear()
    with started(fake, tmp_path, "check", "fake", "--resume", "--json") as resumed:
        out, err = resumed.communicate(timeout=120)
    assert "results of the interrupted run are taken over" in err
    found = json.loads(out)
    assert found["verdict"] == "PASS"
    assert found["complete"]
    times = {row["testcase"]: row["checked_at"] for row in found["results"]}
    assert times["scs-0103-flavor-2v-8"] < times["scs-0117-test-backup"]
    assert not list(partial.glob("*.json"))


def test_there_must_be_something_to_resume(check: Check) -> None:
    said = check("fake", "--resume")
    assert said.code == 2
    assert "No run over this cloud and version was interrupted." in said.err


def test_a_watch_says_what_changed_and_survives_a_cloud_that_does_not_answer(
    fake: FakeOpenStack, tmp_path: Path
) -> None:
    rules = fake.state.default_rules
    words = ("check", "fake", "--only", "scs-0115-*", "--watch", "0.01", "--json")
    with started(fake, tmp_path, *words) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        assert json.loads(watch.stdout.readline())["turn"] == "new"
        fake.state.default_rules = []
        broken = json.loads(watch.stdout.readline())
        fake.fail("identity", status=503)
        while "not measured" not in watch.stderr.readline():
            pass
        fake.fail("identity", times=0)
        fake.state.default_rules = rules
        mended = json.loads(watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=60)
    assert (broken["turn"], broken["outcome"], broken["before"]["outcome"]) == ("broken", "FAIL", "PASS")
    assert (mended["turn"], mended["outcome"]) == ("mended", "PASS")
    assert watch.returncode == 130


def test_a_run_whose_terminal_has_gone_cleans_up_all_the_same(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("backup")
    with started(fake, tmp_path, "check", *BACKUP) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        run.stderr.close()
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        fake.state.stuck.clear()
        for resource in fake.state.resources.of("backup"):
            resource.looks = 0
        run.send_signal(signal.SIGHUP)
        run.wait(timeout=60)
    assert fake.resources() == []
    assert journals(tmp_path) == []


def test_a_watch_goes_on_with_an_interrupted_run_only_once(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.hang("image")
    with started(fake, tmp_path, "check", "fake", "--read-only") as run:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "state/allmende/partial-reports").glob("*.json")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
    fake.fail("image", times=0)
    with started(fake, tmp_path, "check", "fake", "--read-only", "--resume", "--watch", "0.01") as watch:
        assert watch.stderr is not None
        assert "are taken over" in watch.stderr.readline()
        assert "nothing changed" in watch.stderr.readline()
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=60)
    assert watch.returncode == 130


def test_cleanup_leaves_a_living_run_alone_also_by_its_tag(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("backup")
    with started(fake, tmp_path, "check", *BACKUP) as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        made = fake.resources()
        (journal,) = journals(tmp_path)
        with started(fake, tmp_path, "cleanup", "fake") as cleaning:
            _, err = cleaning.communicate(timeout=60)
        assert f"The run {journal.stem} still goes on" in err
        with started(fake, tmp_path, "cleanup", "fake", "--run", journal.stem) as cleaning:
            _, err = cleaning.communicate(timeout=60)
        assert cleaning.returncode == 2
        assert f"error: The run {journal.stem} still goes on, on this machine." in err
        assert fake.resources() == made
        run.kill()


def test_a_second_ctrl_c_says_that_something_is_left_and_what_removes_it(fake: FakeOpenStack, tmp_path: Path) -> None:
    fake.stuck("backup")
    with started(fake, tmp_path, "check", *BACKUP, "--json") as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        run.send_signal(signal.SIGINT)
        time.sleep(0.5)  # the first is being obeyed, and waits for the backup
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (130, "")
    assert "`allmende cleanup`" in err
    assert "Traceback" not in err
    assert journals(tmp_path)


def test_a_signal_while_the_leftovers_of_another_run_are_removed_is_no_verdict(
    fake: FakeOpenStack, tmp_path: Path
) -> None:
    with started(fake, tmp_path, "check", *BACKUP) as run:
        once_asked(fake, "GET /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        run.kill()
    fake.refuse("DELETE", "/backups/{id}", status=409, message="It is in use.")
    with started(fake, tmp_path, "check", *BACKUP) as following:
        once_asked(fake, "DELETE /volume/v3/4fd44f30292945e481c7b8a0c8908869/backups/")
        following.send_signal(signal.SIGTERM)
        _, err = following.communicate(timeout=60)
    assert (following.returncode, err) == (130, "interrupted\n")


def test_where_the_partial_report_cannot_be_kept_the_run_is_told_all_the_same(check: Check, tmp_path: Path) -> None:
    (tmp_path / "state/allmende").mkdir(parents=True)
    (tmp_path / "state/allmende/partial-reports").touch()
    said = check("fake", "--only", "scs-0115-*", "--only", "scs-0123-service-*")
    assert said.code == 0
    assert said.err.count("--resume would not know this run.") == 1
