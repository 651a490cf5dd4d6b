"""Begin a post-mortem from what is known of an incident, and read one that a person completed."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from allmende.errors import DocumentError, UsageError
from allmende.operations.model.status import Incident, Moment, PostMortem
from allmende.operations.rules.wording import placed, sayable

_POST_MORTEM = TypeAdapter(PostMortem)
MOST = 1100
"""So many moments a timeline has, and so many actions there are: more than an incident has updates."""
_TO_WRITE = "…"


def begun(incident: Incident) -> PostMortem:
    """Return what is known already: the timeline with its evidence. What people must write is «…»."""
    if incident.post_mortem is not None:
        return incident.post_mortem
    moments = [Moment(at=incident.began_at, what="It began.")]
    if incident.measured_from is not None:
        seen = f"alarm {incident.alarm}"
        moments.append(Moment(at=incident.measured_from, what="The health monitor saw it.", evidence=seen))
    if incident.published_at is not None:
        moments.append(Moment(at=incident.published_at, what="Everybody could read of it."))
    moments += [
        Moment(at=update.created_at, what=update.name, evidence=update.description) for update in incident.updates
    ]
    if incident.ended_at is not None:
        moments.append(Moment(at=incident.ended_at, what="It was over."))
    return PostMortem(
        summary=incident.description or _TO_WRITE,
        impact=_TO_WRITE,
        timeline=tuple(sorted(moments, key=lambda each: each.at)),
        causes=_TO_WRITE,
        actions=(),
    )


def plain(post_mortem: PostMortem) -> dict[str, Any]:
    """Return it as plain data."""
    found: dict[str, Any] = _POST_MORTEM.dump_python(post_mortem, mode="json")
    return found


def read(document: object) -> PostMortem:
    """Return the post-mortem that plain data say; DocumentError when it is none, or lacks what people must write."""
    try:
        found = _POST_MORTEM.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise DocumentError(
            f"This is no post-mortem: {place}: {first['msg']}.",
            hint="It has summary, impact, timeline, causes, actions.",
        ) from None
    try:
        _check(found)
    except UsageError as error:
        raise DocumentError(str(error), hint=error.hint) from None
    for name in ("summary", "impact", "causes"):
        if getattr(found, name).strip() in ("", _TO_WRITE):
            raise DocumentError(
                f"The post-mortem does not say its {name}.", hint=f"Write it in place of «{_TO_WRITE}»."
            )
    return found


def _check(found: PostMortem) -> None:
    """Raise UsageError where it cannot be said."""
    if max(len(found.timeline), len(found.actions)) > MOST:
        raise UsageError(f"A post-mortem has {MOST} moments and actions at most.", hint="Keep those that matter.")
    sayable(found.summary, found.impact, found.causes)
    sayable(*(text for each in found.actions for text in (each.what, each.owner)))
    sayable(*(text for each in found.timeline for text in (each.what, each.evidence)))
    for moment in found.timeline:
        placed(moment.at)
