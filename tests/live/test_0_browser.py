"""The registry in a real browser without scripts: a cloud's way from joining to a certificate and its revocation."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from socket import create_server

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from allmende.outcome import Outcome
from allmende.report.formats import Form, write
from allmende.standards.load import load_standards
from allmende.testing.registry import made_report

ALLMENDE = (sys.executable, "-m", "allmende")
PASSWORD = "four words in a row"
TESTCASE = "scs-0115-default-rules"
SECONDS = 20


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class Letters:
    """Keeps the texts of the mails that arrive."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- its name there
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        body = message.get_body(("plain",))
        assert body is not None
        self.texts.append(f"{message['Subject']}\n{body.get_content()}")
        return "250 OK"


@pytest.fixture
def letters() -> Iterator[tuple[Letters, int]]:
    kept, port = Letters(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program, "the Debian package chromium is not installed"
    assert driver, "the Debian package chromium-driver is not installed"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for option in ("--headless", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(option)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


class Person:
    """Somebody who uses the registry, in a browser and on a command line."""

    def __init__(self, browser: webdriver.Chrome, address: str, environ: Mapping[str, str]) -> None:
        self.browser, self.address, self.environ = browser, address, environ

    def runs(self, *words: str) -> str:
        done = subprocess.run(
            [*ALLMENDE, *words], env=self.environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def opens(self, place: str) -> str:
        self.browser.get(place if "://" in place else self.address + place)
        return self.sees()

    def sees(self) -> str:
        return self.browser.find_element(By.TAG_NAME, "main").text

    def field(self, label: str) -> WebElement:
        found = self.browser.find_element(By.XPATH, f"//label[starts-with(normalize-space(), {label!r})]")
        return self.browser.find_element(By.ID, str(found.get_attribute("for")))

    def types(self, **fields: str) -> None:
        for label, text in fields.items():
            element = self.field(label.replace("_", " "))
            element.clear()
            element.send_keys(text)

    def chooses(self, words: str) -> None:
        self.browser.find_element(By.XPATH, f"//label[contains(., {words!r})]/input").send_keys(Keys.SPACE)

    def presses(self, words: str) -> str:
        return self.pressed(self.browser.find_element(By.XPATH, f"//main//button[normalize-space()={words!r}]"))

    def pressed(self, button: WebElement) -> str:
        """Press a button by the keyboard, and return what is seen then."""
        button.send_keys(Keys.ENTER)
        WebDriverWait(self.browser, SECONDS).until(lambda _: is_gone(button))
        return self.sees()

    def signs_in(self, account: str) -> None:
        self.browser.delete_all_cookies()
        self.opens("/sign-in")
        self.types(Account=account, Password=PASSWORD)
        assert f"Signed in as {account}" in self.presses("Sign in")

    def takes_up(self, link: str) -> None:
        self.opens(link)
        self.types(Password=PASSWORD, The_same_again=PASSWORD)
        assert "Your password is set." in self.presses("Set the password")

    def submits(self, directory: Path, token: Path, outcomes: Mapping[str, Outcome]) -> None:
        standards = load_standards()
        made = made_report(standards, "cloud", datetime.now(UTC), outcomes)  # noqa: TID251 -- a real server has a real clock
        judged = tuple(result for result in made.results if standards.testcases[result.testcase].automated)
        path = directory / "report.json"
        path.write_bytes(write(Form.OWN, [made.model_copy(update={"results": judged})]))
        where = ("--registry", self.address, "--account", "operator", "--token-file", str(token))
        self.runs("report", "submit", str(path), *where)


def is_gone(element: WebElement) -> bool:
    """Tell whether the page that an element was on has been left."""
    try:
        element.is_enabled()
    except Exception as error:  # noqa: BLE001 -- each driver says it in its own way
        return "stale" in str(error).lower() or "not found" in str(error).lower()
    return False


@contextmanager
def served(environ: Mapping[str, str], port: int) -> Iterator[str]:
    command = [*ALLMENDE, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(timeout=SECONDS)


def test_a_cloud_joins_fails_is_mended_certified_and_revoked(
    tmp_path: Path, browser: webdriver.Chrome, letters: tuple[Letters, int]
) -> None:
    kept, smtp = letters
    environ = {
        **os.environ,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "ALLMENDE_SMTP": f"smtp://127.0.0.1:{smtp}",
        "ALLMENDE_MAIL_FROM": "registry@example.org",
    }
    with served(environ, free_port()) as address:
        person = Person(browser, address, environ)
        token = _joins(person, tmp_path)
        person.submits(tmp_path, token, {})
        assert "A cloud is SCS-compatible IaaS v5.1." in person.opens("/")

        person.submits(tmp_path, token, {TESTCASE: Outcome.FAIL})
        assert "A cloud is not SCS-compatible IaaS" in person.opens("/")
        told = f"cloud: {TESTCASE} is FAIL, before: PASS"
        WebDriverWait(browser, SECONDS).until(lambda _: any(told in text for text in kept.texts), str(kept.texts))
        person.submits(tmp_path, token, {})
        assert "A cloud is SCS-compatible IaaS v5.1." in person.opens("/")

        _attests(person, tmp_path, token)
        _certifies_and_revokes(person)
        verified = person.runs("registry", "verify", address)
        assert verified.count("✓") == 6, verified


def _joins(person: Person, directory: Path) -> Path:
    """Let who runs the registry make the others known, and the operator a key and a token; return the token's file."""
    person.runs("registry", "account", "add", "admin", "--role", "admin")
    person.takes_up(person.runs("registry", "account", "invite", "admin", "--registry", person.address))
    person.signs_in("admin")
    person.opens("/desk/subjects")
    person.types(Id="cloud", Name="A cloud", Operator="Operator AG", Country="ch")
    assert "The subject is known" in person.presses("Save")
    for account, subject, role in (("operator", "A cloud", ""), ("body", "", "assessor:")):
        person.opens("/desk/accounts")
        person.types(Name=account)
        if subject:
            Select(person.field("Subjects it reports for")).select_by_visible_text(subject)
        if role:
            person.chooses(role)
        person.presses("Save")
    links = {}
    for account in ("operator", "body"):
        person.opens("/desk/accounts")
        row = person.browser.find_element(By.XPATH, f"//tr[th[normalize-space()={account!r}]]")
        (link,) = re.findall(r"http\S+/invitations/\w+", person.pressed(row.find_element(By.TAG_NAME, "button")))
        links[account] = link
    for link in links.values():
        person.takes_up(link)
    person.signs_in("operator")
    person.opens("/desk/access")
    person.types(Add_a_public_key=person.runs("report", "key"))
    person.presses("Add the key")
    person.types(What_the_new_token_is_for="nightly CI")
    shown = re.search(r"allmende_\w+", person.presses("Make a token"))
    assert shown
    file = directory / "token"
    file.write_text(shown[0])
    person.opens("/desk/notifications")
    person.types(Where="ops@example.org")
    assert "You are told from now on." in person.presses("Tell me")
    return file


def _attests(person: Person, directory: Path, token: Path) -> None:
    statement, concept, plan = (directory / name for name in ("attestation.json", "concept.pdf", "plan.txt"))
    concept.write_bytes(b"%PDF-1.7")
    plan.write_text("The plan.")
    files = ("--file", str(concept), "--file", str(plan))
    said = ("--text", "See the manual.", *files, "-o", str(statement))
    person.runs("report", "attest", "cloud", "key-manager-docs-check", *said)
    where = ("--registry", person.address, "--account", "operator", "--token-file", str(token))
    person.runs("report", "submit", str(statement), "--evidence", str(concept), *where)
    assert "waits for an assessor" in person.opens("/desk/attestations")
    assert "plan.txt not handed in" in person.sees()
    person.field("Files of evidence").send_keys(str(plan))
    assert "The files are handed in." in person.presses("Hand in")
    person.signs_in("body")
    assert "See the manual." in person.opens("/desk/assessment")
    named = person.browser.find_elements(By.CSS_SELECTOR, "a[href^='/desk/evidence/']")
    assert [each.text for each in named] == ["concept.pdf", "plan.txt"]
    person.chooses("ask for more")
    assert "Nothing was done." in person.presses("Decide"), "to ask needs a reason"
    person.chooses("accept: it counts")
    assert "Your decision is recorded." in person.presses("Decide")


def _certifies_and_revokes(person: Person) -> None:
    assert "The certificate is issued." in person.presses("Issue for a year")
    badge = f"{person.address}/subjects/cloud/badge/iaas.svg"
    assert "certified until" in httpx.get(badge).text
    person.browser.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    person.types(Reason="It was shut down.")
    assert "The certificate is revoked." in person.presses("Revoke for good")
    assert "revoked" in httpx.get(badge).text
    assert "It was shut down." in httpx.get(f"{person.address}/api/certificates/revoked").text


def test_somebody_signs_in_at_an_openid_provider(tmp_path: Path, browser: webdriver.Chrome) -> None:
    issuer_port, port = free_port(), free_port()
    issuer = f"http://127.0.0.1:{issuer_port}"
    environ = {
        **os.environ,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "ALLMENDE_OIDC_ISSUER": issuer,
        "ALLMENDE_OIDC_CLIENT_ID": "registry",
        "ALLMENDE_OIDC_CLIENT_SECRET": "secret",
    }
    command = [str(Path(sys.executable).with_name("oidc-provider-mock")), "--port", str(issuer_port)]
    log = tmp_path / "provider.log"
    with log.open("w") as errors, subprocess.Popen(command, stdout=errors, stderr=errors) as provider:
        try:
            WebDriverWait(browser, SECONDS).until(lambda _: is_up(issuer))
            with served(environ, port) as address:
                _comes_from_the_provider(Person(browser, address, environ), issuer)
        finally:
            provider.terminate()


def is_up(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration").is_success
    except httpx.TransportError:
        return False


def _comes_from_the_provider(person: Person, issuer: str) -> None:
    def at_the_provider() -> str:
        person.opens("/desk/access")
        person.browser.find_element(By.LINK_TEXT, "Sign in at 127.0.0.1").click()
        person.browser.find_element(By.NAME, "sub").send_keys("alice@example.org")
        person.browser.find_element(By.NAME, "sub").submit()
        return person.sees()

    person.runs("registry", "account", "add", "operator")
    said = at_the_provider()
    assert "vouches for you, but no account here is yours" in said
    (command,) = re.findall(r"allmende (registry account identity ACCOUNT \S+ \S+)", said)
    assert issuer in command
    person.runs(*command.replace("ACCOUNT", "operator").split())
    assert "Signed in as operator" in at_the_provider()
    assert person.browser.current_url == f"{person.address}/desk/access"
    assert "Signed in as operator" in person.opens("/desk")
