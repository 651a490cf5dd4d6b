"""Examples for scs-0102 and scs-0104."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from allmende.facts.openstack import Image, Images, Moment
from allmende.standards.model import Standards, Testcase

from .examples import Example, fails, passes, undetermined

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENT = Moment(at=NOW)
NOTHING = Images(items=())
GIB = 1024**3
GOOD = Image(
    id="1",
    name="Debian 12",
    status="active",
    visibility="public",
    is_hidden=False,
    size_bytes=2 * GIB,
    min_disk_gib=2,
    min_ram_mib=512,
    created_at=datetime(2026, 11, 10, 9, tzinfo=UTC),
    hash_algo="sha512",
    properties={
        "architecture": "x86_64",
        "os_distro": "debian",
        "os_version": "12",
        "os_purpose": "generic",
        "hw_disk_bus": "scsi",
        "hypervisor_type": "qemu",
        "hw_rng_model": "virtio",
        "image_build_date": "2026-11-09",
        "image_original_user": "debian",
        "image_source": "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2",
        "image_description": "Debian 12, as Debian builds it",
        "replace_frequency": "monthly",
        "provided_until": "2028-06-30",
        "uuid_validity": "last-3",
        "hotfix_hours": "0",
    },
)

# Per property: further values that are right, and values that are wrong; None stands for «not set».
VALUES: Mapping[str, tuple[tuple[str | None, ...], tuple[str | None, ...]]] = MappingProxyType({
    "architecture": (("aarch64", "risc-v", "s390x"), (None, "", "amd64", "X86_64")),
    "os_version": (("24.04", "trixie"), (None, "")),
    "os_distro": (("ubuntu", "Debian"), (None, "")),
    "os_purpose": (("oldgeneric", "minimal", "k8snode", "gpu", "network", "custom"), (None, "", "Generic", "server")),
    "hw_disk_bus": (("virtio", None), ("", "ide", "SCSI")),
    "hypervisor_type": (("kvm", "xen", None), ("KVM", "parallels")),
    "hw_rng_model": ((None,), ("urandom",)),
    "image_build_date": (
        ("2026-11-10 08:59", "2026-11-10 08:59:59", "1999-12-31"),
        (None, "", "2026-11-10 09:01", "2026-11-11", "2026-11-09T08:00:00Z", "20261109", "2026-02-30", "9.11.2026"),
    ),
    "image_original_user": (("none",), (None, "")),
    "image_source": (
        ("private", "http://example.org/x", "ftp://example.org/x"),
        (None, "", "Private", "example.org/x", "https://", "file:///x", "see https://example.org"),
    ),
    "image_description": (("https://example.org",), (None, "")),
    "replace_frequency": (
        ("yearly", "quarterly", "weekly", "daily", "critical_bug", "never"),
        (None, "", "Monthly", "sometimes"),
    ),
    "provided_until": (("none", "notice"), (None, "", "forever", "2028", "2028-02-30", "2028-06-30 12:00")),
    "uuid_validity": (
        ("none", "notice", "forever", "last-12", "2027-01-01", None),
        ("", "last-", "last-x", "2027-13-01", "always"),
    ),
    "hotfix_hours": (("48", None), ("soon", "-1", "1.5")),
})  # fmt: skip


def image(name: str = "Debian 12", **properties: str | None) -> Image:
    merged = {**GOOD.properties, **properties}
    return replace(GOOD, id=name, name=name, properties={k: v for k, v in merged.items() if v is not None})


def images(*items: Image) -> Images:
    return Images(items=items)


def examples(standards: Standards) -> Iterator[Example]:
    for key, (right, wrong) in VALUES.items():
        yield from _property(key, right, wrong)
    yield from _figures()
    yield from _recency()
    yield from _uniqueness()
    for testcase in standards.testcases.values():
        if testcase.id.startswith("scs-0104-image-"):
            yield from _presence(testcase)
        if testcase.id.startswith("scs-0104-source-"):
            yield from _source(testcase)


def _property(key: str, right: tuple[str | None, ...], wrong: tuple[str | None, ...]) -> Iterator[Example]:
    testcase = f"scs-0102-prop-{key}"
    yield passes(testcase, "good", images(GOOD), MOMENT, says=f"The only image has a valid {key}.")
    for value in right:
        yield passes(testcase, f"{value!r} is right", images(GOOD, image("B", **{key: value})), MOMENT)
    for value in wrong:
        bad = image("B", **{key: value})
        says = f"1 of 2 images lacks a valid {key}: B.\n"
        yield fails(testcase, f"{value!r} is wrong", images(GOOD, bad), MOMENT, says=says)
    shared = replace(image("C", **{key: wrong[-1]}), visibility="community", is_hidden=True)
    yield fails(
        testcase, "hidden and community images count", images(GOOD, shared), MOMENT, says="C (community, hidden)"
    )
    yield fails(testcase, "community is noted", images(GOOD, shared), MOMENT, says="Only community images offend")
    yield undetermined(testcase, "no image", NOTHING, MOMENT, says="no public or community image")
    yield undetermined(testcase, "no image, noted", NOTHING, MOMENT, says="The public test suite passes where there is")


def _figures() -> Iterator[Example]:
    good = images(GOOD)
    future = replace(image(image_build_date="2026-11-24"), created_at=NOW + timedelta(days=2))
    yield fails("scs-0102-prop-image_build_date", "in the future", images(future), MOMENT, says="2026-11-24")
    for testcase, wrong in (
        ("scs-0102-prop-hash_algo", (replace(GOOD, hash_algo="md5"), replace(GOOD, hash_algo=None))),
        ("scs-0102-prop-min_disk", (replace(GOOD, min_disk_gib=0), replace(GOOD, size_bytes=2 * GIB + 1))),
        ("scs-0102-prop-min_ram", (replace(GOOD, min_ram_mib=0),)),
    ):
        yield passes(testcase, "good", good, says="The only image has")
        for bad in wrong:
            yield fails(testcase, "bad", images(bad, GOOD), says="1 of 2 images lacks")
        yield undetermined(testcase, "no image", NOTHING, says="nothing to look at")
    yield passes("scs-0102-prop-min_disk", "no data yet", images(replace(GOOD, size_bytes=None)))
    yield passes(
        "scs-0102-prop-min_ram", "tiny", images(replace(GOOD, min_ram_mib=32)), says="less than 64 MiB: Debian 12"
    )
    yield passes("scs-0102-prop-os_distro", "capital", images(image(os_distro="Debian")), says="unlike Debian")
    yield passes(
        "scs-0102-prop-hotfix_hours",
        "left out",
        images(image(hotfix_hours=None)),
        says="1 image of 1 without hotfix_hours",
    )
    for key in ("hw_disk_bus", "uuid_validity"):
        silent = images(GOOD, image("B", **{key: None}))
        says = f"1 image of 2 without {key}, which the standard lists as mandatory; the public test suite"
        yield passes(f"scs-0102-prop-{key}", "the suite does not miss it", silent, MOMENT, says=says)


def _recency() -> Iterator[Example]:
    testcase = "scs-0102-image-recency"

    def built(name: str, day: str, **properties: str | None) -> Image:
        made = image(name, image_build_date=day, **properties)
        return replace(made, created_at=datetime.fromisoformat(f"{day[:10]}T09:00:00+00:00"))

    old, new = built("Debian 12 20260901", "2026-09-01"), GOOD
    hidden = replace(built("Debian 12", "2026-09-01"), is_hidden=True)
    yield passes(testcase, "recent", images(GOOD), MOMENT, says="The only image has a build as recent as promised")
    for frequency, in_time, late in (
        ("daily", "2026-11-22 08:30", "2026-11-22 08:29"),
        ("weekly", "2026-11-15 11:30", "2026-11-15 11:29"),
        ("monthly", "2026-10-20 09:36", "2026-10-20 09:35"),
        ("quarterly", "2026-08-14 07:12", "2026-08-14 07:11"),
        ("yearly", "2025-10-18 00:00", "2025-10-17 23:59"),
    ):
        promise = {"replace_frequency": frequency}
        yield passes(testcase, f"{frequency} with grace", images(built("A", in_time, **promise)), MOMENT)
        yield fails(testcase, f"{frequency} late", images(built("A", late, **promise)), MOMENT, says="no successor")
    by_text = "By the text (registration, and up to three days) A would be judged otherwise"
    weekly = built("A", "2026-11-14", replace_frequency="weekly")
    yield fails(testcase, "the text has more patience", images(weekly), MOMENT, says=by_text)
    quarterly = built("A", "2026-08-16", replace_frequency="quarterly")
    yield passes(testcase, "the text has less patience", images(quarterly), MOMENT, says=by_text)
    yield passes(
        testcase, "never", images(built("A", "2000-01-01", replace_frequency="never")), MOMENT, says="promise no"
    )
    yield passes(testcase, "renamed, with successor", images(old, new), MOMENT, says="replaced by Debian 12")
    yield passes(testcase, "hidden, with successor", images(hidden, new), MOMENT, says="replaced by Debian 12")
    for day in ("2026-11-22", "2026-11-23"):
        last = built("A", "2020-01-01", provided_until=day)
        yield passes(testcase, f"provided until {day}", images(last), MOMENT, says="nothing any more")
    yield passes(testcase, "until none", images(built("A", "2020-01-01", provided_until="none")), MOMENT)
    yield passes(testcase, "without build date", images(image(image_build_date=None)), MOMENT)
    tomorrow = built("A", "2020-01-01", provided_until="2026-11-24")
    yield fails(testcase, "provided until tomorrow", images(tomorrow), MOMENT, says="A.")
    yield fails(testcase, "no valid end", images(built("A", "2020-01-01", provided_until="x")), MOMENT, says="no valid")
    yield fails(testcase, "visible twin", images(built("Debian 12", "2026-09-01"), new), MOMENT, says="1 of 2 images")
    yield fails(testcase, "hidden successor", images(old, replace(new, is_hidden=True)), MOMENT, says="1 of 2 images")
    yield fails(testcase, "old successor", images(old, built("Debian 12", "2026-09-02")), MOMENT, says="2 of 2 images")
    far = image("A", image_build_date="9999-12-31")
    yield passes(testcase, "built in a far future", images(far), MOMENT, says="built 2026-11-23")
    yield undetermined(testcase, "no promise", images(image(replace_frequency=None)), MOMENT, says="No image of 1")
    yield undetermined(testcase, "no image", NOTHING, MOMENT, says="nothing to look at")


def _uniqueness() -> Iterator[Example]:
    testcase = "scs-0102-os_purpose-uniqueness"
    twin = image("Debian 12 twin")
    yield passes(testcase, "alone", images(GOOD), says="The only system has one generic image only.")
    yield passes(
        testcase, "other version", images(GOOD, image("Debian 13", os_version="13")), says="All 2 systems have"
    )
    yield passes(testcase, "other architecture", images(GOOD, image("B", architecture="aarch64")))
    yield passes(testcase, "hidden twin", images(GOOD, replace(twin, is_hidden=True)))
    yield passes(testcase, "community twin", images(GOOD, replace(twin, visibility="community")))
    yield passes(testcase, "twin of other purpose", images(GOOD, image("B", os_purpose="oldgeneric")))
    yield fails(testcase, "twins", images(GOOD, twin), says="2 generic images: Debian 12, Debian 12 twin")
    yield undetermined(testcase, "none generic", images(image(os_purpose="custom")), says="nothing to compare")
    yield undetermined(testcase, "no image", NOTHING, says="nothing to look at")


def _presence(testcase: Testcase) -> Iterator[Example]:
    name = name_of(testcase)
    other = image("Something else")
    yield passes(testcase.id, "present", images(other, image(name)), says="1 image named")
    yield fails(testcase.id, "absent", images(other), says="No image of 1 is public, not hidden and named")
    yield fails(testcase.id, "only hidden", images(replace(image(name), is_hidden=True)), says="(hidden)")
    yield fails(testcase.id, "only community", images(replace(image(name), visibility="community")), says="community")
    yield fails(testcase.id, "a longer beginning", images(image(f"My {name}")), says="No image of 1")
    yield fails(testcase.id, "no image", NOTHING, says="No image of 0 is public")


def _source(testcase: Testcase) -> Iterator[Example]:
    name, sources = name_of(testcase), testcase.parameters["sources"]
    other = image("Something else", image_source="https://example.org/x")
    assert isinstance(sources, tuple)
    for source in sources:
        yield passes(
            testcase.id,
            f"from {source}",
            images(image(name, image_source=f"{source}x")),
            says="The only matching image",
        )
    for wrong in ("https://example.org/x", "private", f" {sources[0]}x", None):
        bad = image(name, image_source=wrong)
        yield fails(testcase.id, f"from {wrong}", images(bad, other), says="The only matching image lacks")
    hidden = replace(image(name, image_source="private"), is_hidden=True)
    good = image(name, image_source=f"{sources[0]}x")
    yield fails(testcase.id, "a hidden one from elsewhere", images(good, hidden), says="1 of 2 matching images lacks")
    if testcase.parameters.get("presence") == "required":
        yield undetermined(testcase.id, "required and absent", images(other), says="although this image is required")
    else:
        yield passes(testcase.id, "optional and absent", images(other), says="so there is no source to compare")
    yield undetermined(testcase.id, "no image", NOTHING, says="nothing to look at")


def name_of(testcase: Testcase) -> str:
    """A name that the testcase means."""
    name, scheme = str(testcase.parameters["image"]), testcase.parameters.get("name_scheme")
    if scheme is None:
        return name
    return next(n for n in (f"{name} v1.31", f"{name}-v1.31.4") if re.match(str(scheme), n))
