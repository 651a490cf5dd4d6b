"""Functions and definitions are joined by id, and whatever does not fit is refused by name."""

import pytest

from allmende.checks.catalog import Check, catalogue, check, checks, join
from allmende.errors import DocumentError, UnknownNameError
from allmende.facts.openstack import Catalog, Flavors, Member, Moment
from allmende.outcome import Finding, Outcome, passed
from allmende.standards.load import load_standards
from allmende.standards.model import Testcase
from allmende.testing.judge import judge, published_checks


def case(id_: str, *, automated: bool = True, active: bool = False, **parameters: str) -> Testcase:
    return Testcase(
        id=id_,
        title="",
        standard="scs-0000-v1",
        section="",
        demand="",
        remedy="",
        url="",
        automated=automated,
        active=active,
        parameters=parameters,
    )


@check("scs-1")
def one(flavors: Flavors) -> Finding:
    """One thing is so.

    In a second paragraph.
    """
    return passed(f"{len(flavors.items)} flavors.")


@checks("scs-2-{}", "scs-3")
def many(catalog: Catalog, testcase: Testcase) -> Finding:
    """Many things are so."""
    return passed(f"{testcase.parameters['word']} of {len(catalog.items)} services.")


def joined(*testcases: Testcase) -> dict[str, Check]:
    return dict(join({testcase.id: testcase for testcase in testcases}, [one, many]))


WHOLE = (case("scs-1"), case("scs-2-a", word="a"), case("scs-2-b", word="b"), case("scs-3"))


def test_a_family_judges_each_of_its_testcases_with_that_testcase() -> None:
    found = joined(*WHOLE)
    assert found["scs-2-b"].judge({Catalog: Catalog(items=())}).summary == "b of 0 services."


def test_a_check_names_its_facts_and_tells_how_it_judges() -> None:
    found = joined(*WHOLE)
    assert found["scs-1"].facts == {Flavors}
    assert found["scs-2-a"].facts == {Catalog}
    assert found["scs-1"].how == "One thing is so.\n\nIn a second paragraph."


def test_the_catalogue_keeps_the_order_of_the_definitions() -> None:
    assert list(joined(*reversed(WHOLE))) == ["scs-3", "scs-2-b", "scs-2-a", "scs-1"]


def test_a_definition_without_function_is_refused_by_name() -> None:
    with pytest.raises(DocumentError, match=r"scs-4 has no function.*scs-5 has no function"):
        joined(*WHOLE, case("scs-4"), case("scs-5"))


def test_active_and_manual_testcases_may_be_without_function() -> None:
    found = joined(*WHOLE, case("scs-4", active=True), case("scs-5", automated=False))
    assert {"scs-4", "scs-5"}.isdisjoint(found)


def test_a_function_without_definition_is_refused_by_name() -> None:
    with pytest.raises(DocumentError, match=r"test_catalog\.many judges no testcase"):
        joined(case("scs-1"))


def test_a_longer_id_is_not_claimed() -> None:
    with pytest.raises(DocumentError, match="scs-12 has no function"):
        joined(*WHOLE, case("scs-12"))


def test_two_functions_for_one_testcase_are_refused_by_name() -> None:
    @check("scs-1")
    def another(flavors: Flavors) -> Finding:
        """The same again."""
        return passed(f"{flavors}")

    with pytest.raises(DocumentError, match=r"scs-1 is judged by both .*test_catalog\.one and .*another"):
        join({"scs-1": case("scs-1")}, [one, another])


def test_a_function_that_asks_for_something_else_is_refused_by_name() -> None:
    @check("scs-1")
    def curious(flavors: Flavors, weather: str) -> Finding:
        """What the weather has to do with it."""
        return passed(f"{flavors}{weather}")

    with pytest.raises(DocumentError, match="asks for weather"):
        join({"scs-1": case("scs-1")}, [curious])


def test_a_missing_fact_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="scs-1 needs the fact Flavors"):
        joined(*WHOLE)["scs-1"].judge({Moment: object()})


def test_every_automated_testcase_of_the_published_standards_has_a_check() -> None:
    standards = load_standards()
    found = catalogue(standards)
    automated = {
        id_ for id_, case in standards.testcases.items() if case.automated and not case.standard.startswith("scs-02")
    }
    assert set(found) >= automated
    assert {id_[:8] for id_ in found} >= {
        "scs-0100",
        "scs-0102",
        "scs-0103",
        "scs-0104",
        "scs-0114",
        "scs-0115",
        "scs-0116",
        "scs-0123",
    }


def test_every_check_says_how_it_judges() -> None:
    for id_, found in published_checks().items():
        assert found.how.partition("\n")[0].endswith("."), id_


def test_judge_takes_facts_in_any_order_and_ignores_others() -> None:
    member = Member(user="u", project="p", roles=frozenset())
    assert judge("scs-0100-syntax-check", member, Flavors(items=())).outcome is Outcome.DNF


def test_judge_refuses_a_testcase_without_check() -> None:
    with pytest.raises(UnknownNameError, match="key-manager-docs-check"):
        judge("key-manager-docs-check")
