"""The journal of leases is followed as far as it can be read, and never while its run lives."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allmende.clouds.journal import Journal, Lease, Place, abandoned, is_living

PLACE = Place(auth_url="http://127.0.0.1:1/v3", project="p", region="R")
HEAD = json.dumps({"run": "0123456789ab", "auth_url": PLACE.auth_url, "project": "p", "region": "R"})
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WANTED = json.dumps({"wanted": 1, "kind": "volume", "name": "v", "at": NOON.isoformat(), "identifier": None})
VOLUME = Lease(number=1, kind="volume", name="v", wanted_at=NOON)


def followed(folder: Path, *lines: str) -> tuple[Place, tuple[Lease, ...]]:
    (folder / "0123456789ab.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (journal,) = abandoned(folder)
    journal.close()
    return journal.place, journal.leases


@pytest.mark.parametrize(
    "spoilt",
    [
        "5",
        "[]",
        "null",
        '"run"',
        "{}",
        '{"wanted": 2}',
        '{"wanted": 2, "kind": "volume", "name": "v", "at": "yesterday", "identifier": null}',
        '{"held": 7, "identifier": "x"}',
        '{"released": [1]}',
        '{"wanted": 2, "kind": "vol',
        "\x00\x01",
    ],
)
def test_a_spoilt_line_hides_no_other(tmp_path: Path, spoilt: str) -> None:
    assert followed(tmp_path, HEAD, spoilt, WANTED) == (PLACE, (VOLUME,))


def test_a_time_without_offset_is_utc(tmp_path: Path) -> None:
    assert followed(tmp_path, HEAD, WANTED.replace("+00:00", "")) == (PLACE, (VOLUME,))


def test_a_journal_without_its_beginning_is_of_no_project_and_stays(tmp_path: Path) -> None:
    place, leases = followed(tmp_path, WANTED)
    assert (place.project, leases) == ("", (VOLUME,))
    assert list(tmp_path.glob("*.jsonl"))


def test_a_run_lives_until_its_journal_is_closed(tmp_path: Path) -> None:
    journal = Journal.begun(tmp_path, "0123456789ab", PLACE, part="manager")
    assert is_living(tmp_path, "0123456789ab")
    assert not is_living(tmp_path, "ba9876543210")
    assert not list(abandoned(tmp_path))
    journal.wanted("volume", "v", NOON)
    journal.close()
    assert not is_living(tmp_path, "0123456789ab")


def test_a_journal_is_seen_by_others_only_once_it_is_locked_and_says_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Journal] = []
    rename = Path.rename

    def looked_just_before(path: Path, target: Path) -> Path:
        seen.extend(abandoned(tmp_path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", looked_just_before)
    journal = Journal.begun(tmp_path, "0123456789ab", PLACE)
    assert seen == []
    assert [path.name for path in tmp_path.iterdir()] == ["0123456789ab.jsonl"]
    journal.close()


def test_what_is_gone_counts_as_gone_also_where_that_cannot_be_written(tmp_path: Path) -> None:
    with Path("/dev/full").open("r+b", buffering=0) as full:
        journal = Journal(tmp_path / "x.jsonl", full, "0123456789ab", PLACE, {1: VOLUME})  # type: ignore[arg-type]
        journal.released(VOLUME)
        assert journal.leases == ()
