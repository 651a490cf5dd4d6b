"""Which of the machine's package sources an image is built from."""

from allmende.refcloud.fetch.debian import sources

DEBIAN = """\
# the distribution
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""


def test_only_suites_of_the_release_count() -> None:
    text = sources([("debian.sources", DEBIAN)], "bookworm")
    assert "Suites: bookworm bookworm-updates\n" in text
    assert "Suites: bookworm-security\n" in text
    assert "backports" not in text
    assert "deb-src" not in text
    assert "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" in text


def test_sources_of_other_makers_do_not_count() -> None:
    files = [
        ("cloud.list", "deb https://packages.example/apt cloud-sdk-bookworm main\n"),
        ("node.sources", "Types: deb\nURIs: https://node.example\nSuites: nodistro\nComponents: main\n"),
    ]
    assert sources(files, "bookworm").strip() == ""


def test_the_one_line_form_is_understood() -> None:
    line = "deb [signed-by=/keys/debian.gpg arch=amd64] http://mirror.example/debian bookworm main contrib # ours\n"
    text = sources([("sources.list", "# comment\n" + line)], "bookworm")
    assert text == (
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main contrib\n"
        "Signed-By: /keys/debian.gpg\nArchitectures: amd64\n"
    )


def test_a_disabled_source_does_not_count() -> None:
    assert sources([("a.sources", DEBIAN.replace("Types: deb", "Enabled: no\nTypes: deb"))], "bookworm").strip() == ""


def test_an_embedded_key_is_kept_whole() -> None:
    key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----"
    text = sources([("a.sources", f"Types: deb\nURIs: http://m.example\nSuites: bookworm\n{key}\n")], "bookworm")
    assert "-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END" in text


def test_another_release_has_no_source() -> None:
    assert sources([("debian.sources", DEBIAN)], "trixie").strip() == ""
