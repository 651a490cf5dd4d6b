"""The file of a long-running monitor: what it says, and what is wrong in it."""

import pytest

from allmende.errors import DocumentError
from allmende.health.model.assignment import Assignment, Duties
from allmende.health.rules.duties import read

WHOLE = """
vantage: zurich
every: 10
registry: https://registry.example.org
account: operator
token_file: token
clouds:
  - cloud: mycloud
    subject: mycloud-zrh
    scenarios: [api, instance]
    without: [reach its SSH from outside]
  - {cloud: other, every: 0.5}
"""


def test_it_says_what_is_to_be_done() -> None:
    assert read(WHOLE.encode(), "monitor.yaml") == Duties(
        vantage="zurich",
        registry="https://registry.example.org",
        account="operator",
        token_file="token",
        assignments=(
            Assignment(
                cloud="mycloud",
                name="mycloud-zrh",
                minutes=10.0,
                scenarios=("api", "instance"),
                without=("reach its SSH from outside",),
            ),
            Assignment(cloud="other", minutes=0.5),
        ),
    )


def test_the_least_is_a_cloud() -> None:
    assert read(b"clouds: [{cloud: mycloud}]", "monitor.yaml").assignments == (Assignment(cloud="mycloud"),)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "must be a mapping"),
        ("clouds: []", "`clouds` is empty"),
        ("clouds: [{}]", "clouds[0]: `cloud` is missing"),
        ("clouds: [{cloud: a, every: 0}]", "`every` must be a number greater than 0"),
        ("clouds: [{cloud: a, every: yes}]", "`every` must be a number greater than 0"),
        ("clouds: [{cloud: a, evry: 5}]", "unknown: `evry`"),
        ("clouds: [{cloud: a}, {cloud: a}]", "the cloud a stands twice"),
        ("clouds: [{cloud: a, subject: b}, {cloud: b}]", "the cloud b stands twice"),
        ("registry: https://r\nclouds: [{cloud: a}]", "`account` is missing"),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_place(content: str, why: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(content.encode(), "monitor.yaml")
    assert str(caught.value).startswith("monitor.yaml")
    assert why in str(caught.value)
