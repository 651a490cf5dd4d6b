"""`allmende flavor`, as a person or a script calls it."""

import json

import pytest
from typer.testing import CliRunner

from allmende.cli.flavor import app


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "80"})
    return result.exit_code, result.stdout


def test_a_good_name_is_described() -> None:
    code, text = run("SCS-4V-16-100s")
    assert code == 0
    assert text == "✓ SCS-4V-16-100s\n  4 oversubscribed vCPUs, 16 GiB RAM, 100 GB local SSD disk.\n"


def test_an_old_name_is_shown_with_its_new_form() -> None:
    code, text = run("SCS-2C:4:10n-bms-z3")
    assert code == 0
    assert "v3\n  writes SCS-2C-4-10n_bms_z3." in text


@pytest.mark.parametrize(("name", "column"), [("SCS-2iT-4", 7), ("m1.small", 2), ("SCS-2V", 8)])
def test_a_bad_name_is_marked_where_it_breaks(name: str, column: int) -> None:
    code, text = run("SCS-4V-16", name)
    lines = text.splitlines()
    assert code == 1
    assert lines[2:4] == [f"✕ {name}", " " * column + "^"]
    assert lines[4].startswith("  Expected ")


def test_json_tells_the_same_for_machines() -> None:
    code, text = run("SCS-2C:4", "SCS-2V-", "--json")
    good, bad = json.loads(text)
    assert code == 1
    assert (good["valid"], good["canonical"], good["version"]) == (True, "SCS-2C-4", "v1")
    assert (bad["valid"], bad["position"], bad["expected"]) == (False, 7, "the RAM in GiB")


def test_lines_fit_the_terminal() -> None:
    _, text = run("SCS-16T-64-2x200s_bms_hwv_z3h_GNa-72-24h_ib", "SCS-2C:4:10n-bms-z3")
    assert max(map(len, text.splitlines())) <= 80
