"""Which cloud is meant, and what is said about a configuration that does not work. Nothing is sent here."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from allmende.clouds.config_files import usual_files
from allmende.clouds.openstack import OpenStackCloud, open_cloud
from allmende.errors import SettingsError, UnknownNameError

TWO = """
clouds:
  north:
    auth: {auth_url: "http://127.0.0.1:1/v3", username: a, password: canary-one, project_name: p}
    region_name: Here
  south:
    auth: {auth_url: "http://127.0.0.1:2/v3", username: b, project_name: p}
"""
SECURE = "clouds: {south: {auth: {password: canary-two}}}"


def written(folder: Path, text: str, name: str = "clouds.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


async def opened(folder: Path, text: str, name: str | None, environ: Mapping[str, str] | None = None) -> OpenStackCloud:
    return await open_cloud(name, environ=environ or {}, config_files=[written(folder, text)])


async def test_an_unknown_cloud_lists_the_known_ones_and_the_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no cloud `west`") as caught:
        await opened(tmp_path, TWO, "west")
    assert "`north`, `south`" in caught.value.hint
    assert str(tmp_path / "clouds.yaml") in caught.value.hint


async def test_without_any_file_the_places_are_listed(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="No cloud is configured as `west`") as caught:
        await open_cloud("west", environ={}, config_files=[tmp_path / "clouds.yaml"])
    assert str(tmp_path / "clouds.yaml") in caught.value.hint


async def test_of_several_clouds_one_must_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="none was chosen"):
        await opened(tmp_path, TWO, None)


async def test_the_variable_chooses_and_the_argument_wins(tmp_path: Path) -> None:
    assert (await opened(tmp_path, TWO, None, {"OS_CLOUD": "north"})).name == "north"
    written(tmp_path, SECURE, "secure.yaml")
    assert (await opened(tmp_path, TWO, "south", {"OS_CLOUD": "north"})).name == "south"


async def test_a_password_of_the_shell_is_not_sent_to_a_cloud_of_the_file(tmp_path: Path) -> None:
    environ = {"OS_AUTH_URL": "http://127.0.0.1:9/v3", "OS_USERNAME": "eve", "OS_PASSWORD": "of-another-cloud"}
    assert (await opened(tmp_path, TWO, "north", environ)).auth_url == "http://127.0.0.1:1/v3"


async def test_the_region_may_be_chosen_by_variable_where_the_file_leaves_it_open(tmp_path: Path) -> None:
    written(tmp_path, SECURE, "secure.yaml")
    assert (await opened(tmp_path, TWO, "south", {"OS_REGION_NAME": "There"})).region == "There"
    with pytest.raises(SettingsError, match=r"Valid choices are Here"):
        await opened(tmp_path, TWO, "north", {"OS_REGION_NAME": "There"})


async def test_the_password_may_stand_in_secure_yaml(tmp_path: Path) -> None:
    written(tmp_path, SECURE, "secure.yaml")
    assert (await opened(tmp_path, TWO, "south")).auth_url == "http://127.0.0.1:2/v3"


async def test_the_files_are_looked_for_where_the_ecosystem_looks(tmp_path: Path) -> None:
    here, home, variable = tmp_path / "here", tmp_path / "home", tmp_path / "elsewhere.yaml"
    (home / ".config/openstack").mkdir(parents=True)
    here.mkdir()
    environ = {"HOME": str(home)}
    of_home = written(home / ".config/openstack", TWO)
    assert usual_files(environ, here).clouds == of_home
    of_here = written(here, TWO)
    assert usual_files(environ, here).clouds == of_here
    variable.write_text(TWO, encoding="utf-8")
    assert usual_files({**environ, "OS_CLIENT_CONFIG_FILE": str(variable)}, here).clouds == variable


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("clouds:\n  a:\n    auth: {password: canary, [", "line 3, column 31"),
        ("clouds:\n\ta: canary", "line 2, column 1"),
        ("clouds:\n  a:\n    auth:\n      password: *canary-alias", "line 4, column 17"),
        ("clouds:\n  a:\n    auth:\n      password: !canary x", "line 4, column 17"),
        ("clouds: [canary]", "no mapping `clouds:`"),
        ("clouds: {a: canary}", "cloud `a` is no mapping"),
        ("clouds: &canary {a: *canary}", "a part that contains itself"),
        ("clouds: {a: {auth: &canary [*canary]}}", "a part that contains itself"),
    ],
)
async def test_a_broken_file_is_named_with_its_line_and_never_quoted(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(SettingsError) as caught:
        await opened(tmp_path, text, "a")
    said = f"{caught.value} {caught.value.hint}"
    assert str(tmp_path / "clouds.yaml") in said
    assert place in said
    assert "canary" not in said


async def test_a_password_in_the_address_of_the_variables_is_refused_and_not_shown() -> None:
    environ = {"OS_AUTH_URL": "https://u:canary@a/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p"}
    with pytest.raises(SettingsError, match="OS_AUTH_URL holds a user or a password") as caught:
        await open_cloud(None, environ=environ, config_files=[])
    assert "canary" not in f"{caught.value} {caught.value.hint}"


async def test_what_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not UTF-8"):
        await open_cloud("a", environ={}, config_files=[path])


async def test_a_missing_auth_url_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="`a` lacks `auth_url`"):
        await opened(tmp_path, "clouds: {a: {auth: {username: u, password: canary}}}", "a")


async def test_an_unknown_kind_of_authentication_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"does not work: .*telepathy") as caught:
        await opened(tmp_path, "clouds: {a: {auth_type: telepathy, auth: {password: canary}}}", "a")
    assert "canary" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{auth: canary}", "`auth` is no mapping"),
        ("{auth: null}", "`auth` is no mapping"),
        ("{auth: {auth_url: 5, username: u, password: canary}}", "`auth_url` is no text"),
        (
            "{auth: {auth_url: 'http://u:canary@a/v3', username: u, password: p}}",
            "`auth_url` holds a user or a password",
        ),
        ("{auth: {auth_url: null, username: u, password: canary}}", "`auth_url` is empty"),
        ("{auth: {auth_url: 'http://a/v3', username: u, password: null}}", "`password` is empty"),
        (
            "{region_name: null, auth: {auth_url: 'http://a/v3', username: u, password: canary}}",
            "`region_name` is empty",
        ),
        ("{profile: 5, auth: {auth_url: 'http://a/v3', username: u, password: canary}}", "`profile` is no text"),
        ("{profile: 'http://127.0.0.1:1/', auth: {username: u, password: canary}}", "does not work"),
        ("{api_timeout: soon, auth: {auth_url: 'http://a/v3', username: u, password: canary}}", "`api_timeout` is no"),
        (
            "{cacert: /none, auth: {auth_url: 'http://a/v3', username: u, password: canary}}",
            "/none, which does not exist",
        ),
    ],
)
async def test_a_value_of_another_type_is_a_fault_of_the_file_and_no_bug(
    tmp_path: Path, entry: str, words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        await opened(tmp_path, f"clouds: {{a: {entry}}}", "a")
    assert words in str(caught.value)
    assert str(tmp_path / "clouds.yaml") in f"{caught.value} {caught.value.hint}"
    assert "canary" not in f"{caught.value} {caught.value.hint}"


async def test_an_empty_password_may_stand_in_the_other_file_and_a_number_is_one(tmp_path: Path) -> None:
    auth = "auth: {auth_url: 'http://127.0.0.1:1/v3', username: u, password: %s, project_name: p}"
    written(tmp_path, "clouds: {a: {auth: {password: 'canary'}}}", "secure.yaml")
    assert (await opened(tmp_path, f"clouds: {{a: {{{auth % 'null'}}}}}", "a")).name == "a"
    (tmp_path / "secure.yaml").unlink()
    assert (await opened(tmp_path, f"clouds: {{a: {{{auth % '12345'}}}}}", "a")).name == "a"


async def test_a_broken_entry_is_no_matter_of_another_cloud(tmp_path: Path) -> None:
    assert (
        await opened(tmp_path, f"{TWO}  third: {{region_name: null, auth: {{auth_url: 5}}}}", "north")
    ).name == "north"
