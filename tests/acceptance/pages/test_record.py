"""What a reader learns from the table, the page of a subject and the page of a report."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.run.administer import ensure_subject
from allmende.registry.run.registry import Registry
from allmende.registry.store import subjects
from allmende.report.document import Report, ReportedEvidence, ReportedExclusion, Result, Tool
from allmende.standards.model import Testcase
from allmende.testing.browser import Browser, Element, Page
from allmende.testing.record import Example, Reported, Says, all_pass, except_for, report_of, submit

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SUBJECT = Subject(id="a", name="A")
NAMES = ["Alpenrand Cloud", "Fjordblick", "Hafenwolke", "Kantonswolke", "Moorland", "Stadtwerk RZ", "Talstrom"]


def named(page: Page) -> list[str]:
    """What the rows are called, without their countries."""
    rows = (e.text.split(" 3 subjects")[0] for e in page.all("th") if e.attributes["scope"] == "row")
    return [re.sub(r" [A-Z]{2}$", "", name) for name in rows]


def answer(page: Page) -> Element:
    return page.all("p", "answer")[0]


def testcase_row(page: Page, testcase: str) -> str:
    (row,) = [e for e in page.all("tr") if e.attributes.get("id") == f"scs-compatible-iaas.{testcase}"]
    return row.text


class TestTable:
    def test_it_says_first_how_many_pass(self, filled: Browser) -> None:
        page = filled.get("/")

        assert answer(page).text == "2 of 6 are SCS-compatible IaaS. 1 of 1 is SCS-compatible KaaS."

    def test_each_subject_or_group_is_a_row_with_its_result(self, filled: Browser) -> None:
        page = filled.get("/")
        results = {row.split(" ")[0]: row for row in page.texts("tr")[1:]}

        assert named(page) == NAMES
        assert "✓ pass v5.1" in results["Alpenrand"]
        assert "✓ pass v1" in results["Alpenrand"]
        assert "✕ fail v5.1" in results["Hafenwolke"]
        assert "? not determined v5.1" in results["Moorland"]
        assert "– missing v5.1" in results["Stadtwerk"]  # noqa: RUF001 -- the symbol
        assert "no report" in results["Fjordblick"]

    def test_a_group_shows_its_members_and_how_old_its_stalest_is(self, filled: Browser) -> None:
        (group,) = [row for row in filled.get("/").texts("tr") if row.startswith("Moorland")]

        assert "3 subjects DE Moorland a Moorland b Moorland c" in group
        assert group.endswith("2 days ago 2026-11-19")

    def test_green_is_only_what_surely_passes_now(self, filled: Browser) -> None:
        for row in filled.get("/").texts("tr"):
            assert ("✓ pass" in row) == row.startswith(("Alpenrand", "Kantonswolke"))

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("/?sort=-name", NAMES[::-1]),
            ("/?sort=checked", ["Hafenwolke", "Stadtwerk RZ", "Alpenrand Cloud"]),
            ("/?sort=-checked", ["Fjordblick", "Talstrom", "Kantonswolke"]),
            ("/?sort=operator", ["Alpenrand Cloud", "Fjordblick", "Hafenwolke", "Kantonswolke", "Moorland"]),
            ("/?sort=scs-compatible-iaas", ["Alpenrand Cloud", "Kantonswolke", "Moorland", "Stadtwerk RZ", "Talstrom"]),
            ("/?result=pass", ["Alpenrand Cloud", "Kantonswolke"]),
            ("/?country=CH", ["Alpenrand Cloud", "Kantonswolke"]),
            ("/?country=NO", ["Fjordblick"]),
            ("/?country=DE&result=fail", ["Hafenwolke"]),
            ("/?level=compatible&sort=-name", ["Kantonswolke", "Alpenrand Cloud"]),
            ("/?result=miss&sort=-name", ["Talstrom", "Stadtwerk RZ"]),
            ("/?operator=Moor+Digital+eG", ["Moorland"]),
            ("/?sort=nonsense&result=nonsense", NAMES),
        ],
    )
    def test_it_is_sorted_and_filtered_by_the_address(self, filled: Browser, address: str, expected: list[str]) -> None:
        assert named(filled.get(address))[: len(expected)] == expected

    def test_a_link_keeps_the_other_choices(self, filled: Browser) -> None:
        assert named(filled.get("/?country=NO&level=compatible")) == []
        links = [e.attributes["href"] for e in filled.get("/?result=fail&sort=checked").all("a")]

        assert "/?result=fail&sort=-checked" in links
        assert "/?result=pass&sort=checked" in links

    def test_the_sorted_column_is_marked(self, filled: Browser) -> None:
        headings = filled.get("/?sort=-checked").all("th")
        marked = {e.text: e.attributes["aria-sort"] for e in headings if "aria-sort" in e.attributes}

        assert marked == {"Checked ↓": "descending"}

    def test_when_nothing_matches_it_says_so_and_leads_back(self, filled: Browser) -> None:
        page = filled.get("/?operator=nobody")

        assert "No row of 7 matches this choice." in page.text
        assert "/" in [e.attributes["href"] for e in page.all("a") if e.text == "Show all rows"]

    def test_many_rows_are_pages_that_keep_the_choice(self, registry: Registry, empty: Browser) -> None:
        with registry.database.writing() as connection:
            for n in range(201):
                subjects.put(connection, Subject(id=f"s{n:03}", name=f"S {n:03}", operator="A"))
        seen: list[str] = []
        page = empty.get("/?operator=A&sort=-name")
        seen += named(page)
        while later := [a for a in page.all("a") if a.attributes.get("rel") == "next"]:
            page = empty.get(later[0].attributes["href"])
            seen += named(page)
        assert seen == [f"S {n:03}" for n in reversed(range(201))]
        assert "Rows 201 to 201 of 201" in page.text
        (earlier,) = [a for a in page.all("a") if a.attributes.get("rel") == "prev"]
        assert named(empty.get(earlier.attributes["href"]))[0] == "S 100"
        assert "There are only 201 rows" in empty.get("/?page=4").text
        for nonsense in ("0", "-1", "x", "9" * 50, "²"):
            assert named(empty.get(f"/?page={nonsense}"))[0] == "S 000"
        assert len(empty.response("/").content) < 100_000

    def test_an_empty_record_says_what_to_do(self, empty: Browser) -> None:
        page = empty.get("/")

        assert answer(page).text == "No subject is registered here yet."
        assert "allmende check CLOUD" in page.one("pre").text
        assert "--registry https://registry.test " in page.one("pre").text


class TestSubject:
    @pytest.mark.parametrize(
        ("subject", "sentence"),
        [
            ("alpenrand", "✓ Alpenrand Cloud is SCS-compatible IaaS v5.1: all 54 main testcases pass."),
            ("hafenwolke", "✕ Hafenwolke is not SCS-compatible IaaS: 2 of 54 main testcases of v5.1 fail."),
            (
                "stadtwerk",
                "It is not known whether Stadtwerk RZ is SCS-compatible IaaS: 4 of 54 main testcases of v5.1",
            ),
            ("moorland-c", "It is not determined whether Moorland c is SCS-compatible IaaS: 2 of 54 main testcases of"),
            ("talstrom", "It is not known whether Talstrom is SCS-compatible IaaS: "),
            ("fjordblick", "Nothing was reported for Fjordblick yet."),
        ],
    )
    def test_the_answer_comes_first(self, filled: Browser, subject: str, sentence: str) -> None:
        assert sentence in answer(filled.get(f"/subjects/{subject}")).text

    def test_a_failure_shows_what_was_seen_what_is_demanded_and_the_fix(self, filled: Browser) -> None:
        page = filled.get("/subjects/hafenwolke")
        row = testcase_row(page, "scs-0103-flavor-2v-8")

        for part in (
            "✕ fail The flavor SCS-2V-8",
            "flavor SCS-2V-8 ✕ 8000 MiB 8192 MiB of memory",
            "Demanded by scs-0103-v1",
            "How to fix it",
            "openstack flavor create",
        ):
            assert part in row
        assert "never passed" in row
        assert len([e for e in page.all("details") if "open" in e.attributes]) == 2

    def test_an_exclusion_is_shown_with_the_failure_that_it_explains(self, filled: Browser) -> None:
        page = filled.get("/subjects/hafenwolke")
        row = testcase_row(page, "scs-0102-prop-os_version")

        assert row.startswith("✕ fail")
        assert "excluded until 2027-01-30" in row
        assert "Excluded until 2027-01-30; the result stays as it is The vendor's image is replaced" in row
        assert "Owner: Image team <images@example.org>" in row
        assert "How to fix it" in row
        assert "2 of 54 main testcases of v5.1 fail" in answer(page).text
        assert [item for item in page.texts("li") if "excluded until 2027-01-30" in item]

    def test_an_exclusion_that_has_expired_is_shown_as_such(self, filled: Browser) -> None:
        page = filled.get("/subjects/kantonswolke")
        row = testcase_row(page, "scs-0102-prop-hash_algo")

        assert "exclusion expired 2026-11-15" in row
        assert "This exclusion expired on 2026-11-15" in row
        assert "excluded until 2027-02-08" in testcase_row(page, "domain-manager-check")

    def test_the_api_says_of_exclusions_what_the_page_says(self, filled: Browser) -> None:
        record = filled.response("/api/subjects/kantonswolke").json()
        lines = {line["testcase"]: line for line in record["scores"][0]["versions"][0]["testcases"]}
        said = lines["scs-0102-prop-hash_algo"]["exclusion"]
        report = filled.response(f"/api/reports/{record['reports'][0]['id']}").json()

        assert (said["expires"], said["is_over"]) == ("2026-11-15", True)
        assert lines["scs-0100-syntax-check"]["exclusion"] is None
        assert {each["testcase"]: each["is_over"] for each in report["exclusions"]} == {
            "domain-manager-check": False,
            "scs-0102-prop-hash_algo": True,
        }

    def test_each_result_says_when_it_is_from_and_until_when_it_counts(self, filled: Browser) -> None:
        row = testcase_row(filled.get("/subjects/alpenrand"), "scs-0100-syntax-check")

        assert row.endswith("3 hours ago 2026-11-21 in 8 days 2026-11-30")

    def test_a_pass_near_its_end_is_marked(self, filled: Browser) -> None:
        row = testcase_row(filled.get("/subjects/kantonswolke"), "scs-0100-syntax-check")

        assert row.startswith("✓ pass")
        assert row.endswith("◷ expiring in 1 day")

    def test_an_old_pass_is_missing_and_nothing_is_green(self, filled: Browser) -> None:
        page = filled.get("/subjects/talstrom")
        row = testcase_row(page, "scs-0100-syntax-check")

        assert row.startswith("– missing")  # noqa: RUF001 -- the symbol
        assert "This result no longer counts. It was: pass." in row
        assert row.endswith("ended 2026-11-09")
        weekly = [e for e in page.all("tr") if e.text.endswith("ended 2026-11-09")]
        assert weekly
        assert all("✓" not in e.text for e in weekly)

    def test_what_was_never_tried_is_missing(self, filled: Browser) -> None:
        row = testcase_row(filled.get("/subjects/stadtwerk"), "scs-0101-entropy-avail")

        assert row.startswith("– missing")  # noqa: RUF001 -- the symbol
        assert "Nothing was reported for this testcase yet." in row

    def test_a_pass_of_a_version_that_does_not_count_is_not_shown_as_one(self, filled: Browser) -> None:
        page = filled.get("/subjects/stadtwerk")
        outdated = [e for e in page.all("tr") if e.text.startswith("v3 deprecated")]

        assert [e.classes for e in outdated] == [{"uncounted"}]

    def test_main_recommended_and_preview_stand_apart(self, filled: Browser) -> None:
        headings = filled.get("/subjects/alpenrand").texts("h3")

        assert [heading.split(" ")[0] for heading in headings[:3]] == ["Main", "Recommended", "Preview"]
        assert "never counted" in headings[1]

    def test_testcases_that_pass_can_be_left_out(self, filled: Browser) -> None:
        page = filled.get("/subjects/hafenwolke?show=open")

        assert not [e for e in page.all("tr") if e.text.startswith("✓ pass")]
        assert testcase_row(page, "scs-0103-flavor-2v-8")

    def test_another_version_can_be_looked_at(self, filled: Browser) -> None:
        page = filled.get("/subjects/stadtwerk?version=v3")

        assert "Testcases of v3 all 23" in page.text
        assert answer(page).text.startswith("– It is not known")  # noqa: RUF001 -- the symbol

    def test_an_unknown_subject_is_a_page_that_leads_on(self, filled: Browser) -> None:
        page = filled.get("/subjects/nobody", status=404)

        assert "There is no subject nobody." in page.text
        assert "/" in [e.attributes["href"] for e in page.all("a") if e.text == "Go to the table of subjects"]


class TestOneSubject:
    """A register of one's own: the table has one row, and names it."""

    def says(self, registry: Registry, browser: Browser, says: Says) -> tuple[str, str]:
        ensure_subject(registry, SUBJECT)
        example = Example(subject=SUBJECT, says=says, age=timedelta())
        submit(registry, report_of(example, registry.standards, NOW), NOW)
        return answer(browser.get("/")).text, answer(browser.get("/subjects/a")).text

    def test_that_passes(self, registry: Registry, empty: Browser) -> None:
        table, _ = self.says(registry, empty, all_pass)

        assert table == "A is SCS-compatible IaaS v5.1."

    def test_that_fails_and_misses(self, registry: Registry, empty: Browser) -> None:
        def says(testcase: Testcase) -> Reported | None:
            if testcase.active:
                return None
            return Outcome.FAIL if testcase.id.startswith("scs-0104-source") else Outcome.PASS

        table, subject = self.says(registry, empty, says)

        (failing, total, missing) = re.findall(
            r"^A is not SCS-compatible IaaS: (\d+) of (\d+) main testcases of v5.1 fail. (\d+) more have no result",
            table,
        )[0]
        assert (int(failing), int(total), int(missing)) == (8, 54, 4)
        assert (
            f"{failing} of {total} main testcases of v5.1 fail. {missing} more have no result that counts." in subject
        )

    def test_that_is_not_known(self, registry: Registry, empty: Browser) -> None:
        table, _ = self.says(registry, empty, except_for(None, "scs-0103-flavor-2v-8"))

        assert table == "It is not known whether A is SCS-compatible IaaS."


class TestHistory:
    def test_it_tells_from_when_until_when_each_outcome_counted(self, registry: Registry, empty: Browser) -> None:
        ensure_subject(registry, SUBJECT)
        for weeks, says in ((9, all_pass), (8, except_for(Outcome.FAIL, "scs-0115")), (7, all_pass), (1, all_pass)):
            past = Example(subject=SUBJECT, says=says, age=timedelta(weeks=weeks))
            submit(registry, report_of(past, registry.standards, NOW), NOW - past.age)

        page = empty.get("/subjects/a/history/scs-compatible-iaas")

        (row,) = [e for e in page.all("tr") if e.text.startswith("New security groups")]
        assert re.findall(r"[✓✕] \S+ \S+ to \S+", row.text) == [
            "✓ pass 2026-11-14 to 2026-11-22",
            "✓ pass 2026-10-03 to 2026-10-12",
            "✕ fail 2026-09-26 to 2026-10-03",
            "✓ pass 2026-09-19 to 2026-09-26",
        ]

    def test_it_is_empty_where_nothing_was_reported(self, filled: Browser) -> None:
        assert "Nothing was reported in this time." in filled.get("/subjects/fjordblick/history/iaas").text


class TestReport:
    def test_it_says_who_signed_what_when(self, filled: Browser) -> None:
        page = self.page(filled)

        assert answer(page).text.startswith("On 2026-11-21 08:20 UTC, hafenwolke-ci reported ")
        assert re.search(r"Signed with SHA256:\S{43} SHA-256 [0-9a-f]{64}", page.text)

    def test_it_shows_the_exclusions_that_it_declares(self, filled: Browser) -> None:
        (address,) = {
            e.attributes["href"]
            for e in filled.get("/subjects/kantonswolke").all("a")
            if e.attributes["href"].startswith("/reports/")
        }
        page = filled.get(address)

        assert "It declares 2 exclusions" in page.text
        assert "exclusion expired 2026-11-15" in page.text
        assert page.texts("h2")[-1] == "Excluded without a result"
        assert "domain-manager-check excluded until 2027-02-08" in page.texts("tr")[-1]

    def test_its_own_commands_verify_it(self, filled: Browser, tmp_path: Path) -> None:
        page = self.page(filled)
        commands = page.all("pre")[0].text
        for name, address in re.findall(r"curl -sSo (\S+) (\S+)", commands):
            (tmp_path / name).write_bytes(filled.response(address).content)
        (verify, content) = re.findall(r"(ssh-keygen .*) < (\S+)", commands)[0]
        with (tmp_path / content).open("rb") as signed:
            done = subprocess.run(
                verify.split(), cwd=tmp_path, stdin=signed, capture_output=True, text=True, check=True
            )

        assert 'Good "report" signature' in done.stdout
        assert re.findall(r"SHA256:\S{43}", done.stdout)[0] in page.text

    def page(self, filled: Browser) -> Page:
        links = [e.attributes["href"] for e in filled.get("/subjects/hafenwolke").all("a")]
        return filled.get(next(link for link in links if link.startswith("/reports/")))


HOSTILE = '<script>alert("1")</script>{{ 7*7 }}"onmouseover="x'


class TestWhatOthersWrote:
    """Names, descriptions and evidence come from outside: they are shown as they are, and do nothing."""

    @pytest.fixture
    def attacked(self, registry: Registry, empty: Browser) -> Browser:
        subject = Subject(
            id="evil",
            name=HOSTILE,
            operator=HOSTILE,
            description=HOSTILE,
            url="javascript:alert(1)",
            health_url="https://health.test/?a=1&b=<2>",
        )
        with registry.database.writing() as connection:  # past the rules, as a record of another origin may be
            subjects.put(connection, subject)
        scope = registry.standards.scope("iaas")
        result = Result(
            testcase="scs-0100-syntax-check",
            outcome=Outcome.FAIL,
            summary=HOSTILE,
            checked_at=NOW,
            evidence=(ReportedEvidence(subject=HOSTILE, seen="`</code><b>`", demanded=HOSTILE, ok=False),),
            notes=(HOSTILE,),
        )
        report = Report(
            id=UUID(int=1),
            subject="evil",
            scope=UUID(scope.uuid),
            scope_name=HOSTILE,
            started_at=NOW - timedelta(seconds=2),
            finished_at=NOW,
            tool=Tool(name=HOSTILE, version="1"),
            results=(result,),
            exclusions=(
                ReportedExclusion(testcase=result.testcase, reason=HOSTILE, owner=HOSTILE, expires=NOW.date()),
                ReportedExclusion(testcase="domain-manager-check", reason=HOSTILE, owner=HOSTILE, expires=NOW.date()),
            ),
        )
        submit(registry, report, NOW)
        return empty

    @pytest.mark.parametrize("address", ["/", "/subjects/evil", f"/reports/{UUID(int=1)}", "/scopes/iaas"])
    def test_it_is_shown_as_text(self, attacked: Browser, address: str) -> None:
        page = attacked.get(address)

        assert HOSTILE in page.text
        assert not page.all("script")
        assert not page.all("b")
        assert not [e for e in page.elements if "onmouseover" in e.attributes]

    def test_only_web_addresses_become_links(self, attacked: Browser) -> None:
        page = attacked.get("/subjects/evil")
        links = [e.attributes["href"] for e in page.all("a")]

        assert "https://health.test/?a=1&b=<2>" in links
        assert not [link for link in links if link.startswith("javascript")]
        assert "javascript:alert(1)" in page.text

    def test_the_operator_is_found_by_its_link(self, attacked: Browser) -> None:
        (link,) = [e.attributes["href"] for e in attacked.get("/subjects/evil").all("a") if e.text == HOSTILE]

        assert named(attacked.get(link)) == [HOSTILE]


def test_a_group_with_a_member_that_never_reported_is_missing(registry: Registry, empty: Browser) -> None:
    for id_ in "ab":
        ensure_subject(registry, Subject(id=id_, name=id_.upper(), group="Both"))
    reporting = Example(subject=SUBJECT, says=all_pass, age=timedelta())
    submit(registry, report_of(reporting, registry.standards, NOW), NOW)

    (row,) = [row for row in empty.get("/").texts("tr") if row.startswith("Both")]
    assert "– missing no report for b" in row  # noqa: RUF001 -- the symbol
    assert answer(empty.get("/")).text == "Nothing that counts was reported for Both and SCS-compatible IaaS yet."
