"""Decide whether a file says what a long-running monitor is to do."""

from collections import Counter

from allmende.errors import DocumentError
from allmende.health.model.assignment import Assignment, Duties
from allmende.standards import strict
from allmende.standards.strict import Node


def read(content: bytes, name: str) -> Duties:
    """Return what a file of this name says; DocumentError with the place of what is wrong in it."""
    root = strict.parse(content, name)
    registry = root.optional_text("registry")
    usual = root.number("every", default=5.0)
    duties = Duties(
        vantage=root.optional_text("vantage"),
        registry=registry,
        account=root.text("account") if registry else "",
        token_file=root.text("token_file") if registry else "",
        assignments=tuple(_assignment(node, usual) for node in root.nodes("clouds")),
    )
    root.finish()
    if not duties.assignments:
        raise root.error("`clouds` is empty")
    names = Counter(each.name or each.cloud for each in duties.assignments)
    twice = next((kept for kept, number in names.items() if number > 1), None)
    if twice is not None:
        raise DocumentError(f"{name}: the cloud {twice} stands twice.", hint="Name its scenarios in one place.")
    return duties


def _assignment(node: Node, usual: float) -> Assignment:
    found = Assignment(
        cloud=node.text("cloud"),
        name=node.optional_text("subject"),
        minutes=node.number("every", default=usual),
        scenarios=node.texts("scenarios"),
        without=node.texts("without"),
    )
    node.finish()
    return found
