"""scs-0102, «Image updating»: an image is replaced as often as its metadata promise.

The standard counts from the publication, and lets three days pass «due to weekends etc.»; how long a quarter is, and
whether a daily image may really be four days old, it does not say. The public test suite counts from the build date,
lets a tenth of the period pass, and is followed here; a note names the images for which that makes a difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from allmende.checks.catalog import check
from allmende.checks.evidence import counted, every, listed, none_of, nothing_seen
from allmende.checks.image_metadata import FREQUENCIES
from allmende.checks.image_reading import NO_IMAGE, build_date, is_date, named
from allmende.facts.openstack import Image, Images, Moment
from allmende.outcome import Evidence, Finding

PERIODS: Mapping[str, timedelta] = MappingProxyType(
    {
        "yearly": timedelta(days=365),
        "quarterly": timedelta(days=92),
        "monthly": timedelta(days=31),
        "weekly": timedelta(hours=7 * 25),
        "daily": timedelta(hours=25),
    }
)
GRACE = 0.1
"""The part of a period that may pass beyond it."""

GRACE_BY_TEXT = timedelta(days=3)


@check("scs-0102-image-recency")
def images_are_replaced_as_promised(images: Images, moment: Moment) -> Finding:
    """No image is older than its `replace_frequency` promises, and a tenth of that, unless it has a successor.

    The tenth is the public test suite's; the text speaks of three days, and a note says where that would be judged
    otherwise. An image owes nothing any more when its `provided_until` is here, and no one can tell what it owes when
    that is `none` or `notice`. A successor is a visible image that is itself recent and not older: of the same name
    where the old image is hidden, or of the old one's name without its last word, which is how rotated images are
    renamed.
    """
    if not images.items:
        return nothing_seen(NO_IMAGE)
    promising = [image for image in images.items if image.properties.get("replace_frequency") in FREQUENCIES]
    if not promising:
        return nothing_seen(f"{none_of(len(images.items), 'image')} says in a standard word how often it is replaced.")
    evidence = [_judged(image, promising, moment.at) for image in promising]
    silent = len(images.items) - len(promising)
    notes = [f"{counted(silent, 'image')} without a valid replace_frequency left out."] if silent else []
    unbound = sum(image.properties["replace_frequency"] not in PERIODS for image in promising)
    if unbound:
        notes.append(
            f"{counted(unbound, 'image')} of {len(promising)} promise no regular replacement (never, critical_bug)."
        )
    notes += _otherwise_by_text(promising, moment.at)
    return every("image", "a build as recent as promised, or a successor", evidence, notes=notes)


def _otherwise_by_text(images: Sequence[Image], now: datetime) -> Iterator[str]:
    """Say for which images three days of grace, counted from the registration, would lead to another judgement."""
    times = [(image, _due(image, now), PERIODS.get(image.properties["replace_frequency"])) for image in images]
    differing = [
        image.name
        for image, due, period in times
        if due and period and (now <= due) != (now <= image.created_at + period + GRACE_BY_TEXT)
    ]
    if differing:
        yield (
            f"By the text (registration, and up to three days) {listed(differing)} would be judged otherwise; the "
            "public test suite, followed here, counts from the build and lets a tenth of the period pass."
        )


def _judged(image: Image, images: Sequence[Image], now: datetime) -> Evidence:
    due = _due(image, now)
    frequency = image.properties["replace_frequency"]
    seen = f"{frequency}, built {_built(image, now):%Y-%m-%d}"
    if due is None or now <= due:
        return Evidence(subject=named(image), seen=seen, demanded="no replacement yet")
    seen += f", due by {due:%Y-%m-%d}"
    until = image.properties.get("provided_until", "")
    if until in ("none", "notice"):
        return Evidence(subject=named(image), seen=f"{seen}, provided until {until}", demanded="nothing that binds")
    if not is_date(until):
        return Evidence(
            subject=named(image), seen=f"{seen}, no valid provided_until", demanded="a valid provided_until", ok=False
        )
    if now.astimezone(UTC).date() >= date.fromisoformat(until):
        return Evidence(subject=named(image), seen=f"{seen}, provided until {until}", demanded="nothing any more")
    successor = next((other for other in images if _succeeds(other, image, now)), None)
    return Evidence(
        subject=named(image),
        seen=f"{seen}, replaced by {successor.name}" if successor else f"{seen}, no successor",
        demanded="a recent image of that name",
        ok=successor is not None,
    )


def _succeeds(other: Image, old: Image, now: datetime) -> bool:
    """Tell whether who asks for the name of `old` now gets `other`, and that is recent."""
    renamed = " " in old.name and other.name == old.name.rpartition(" ")[0].rstrip()
    if other is old or other.is_hidden or not (renamed or (old.is_hidden and other.name == old.name)):
        return False
    due = _due(other, now)
    return _built(other, now) >= _built(old, now) and (due is None or now <= due)


def _due(image: Image, now: datetime) -> datetime | None:
    """Return when the image must have been replaced; None when nothing is promised."""
    period = PERIODS.get(image.properties["replace_frequency"])
    return None if period is None else _built(image, now) + period * (1 + GRACE)


def _built(image: Image, now: datetime) -> datetime:
    """Return when the image was built; a date in the future, which another testcase refuses, counts as now."""
    return min(build_date(image) or image.created_at, now)
