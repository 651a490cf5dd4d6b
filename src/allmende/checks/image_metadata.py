"""scs-0102: images carry metadata that let a user know what to expect.

Every rule here is about every public and every community image, hidden ones included, because a user can start a server
from any of them by its id. How long an image may go without replacement is judged in `image_recency`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from allmende.checks.catalog import check
from allmende.checks.evidence import counted, every, listed, none_of, nothing_seen
from allmende.checks.image_reading import NO_IMAGE, build_date, is_date, is_offered, named, text_of
from allmende.facts.openstack import Image, Images, Moment
from allmende.outcome import Evidence, Finding

GIB = 1024**3
# The architectures that OpenStack names, and `risc-v`, for which it has no name yet but scs-0100 has a letter.
ARCHITECTURES = frozenset({
    "aarch64", "alpha", "armv7l", "cris", "i686", "ia64", "lm32", "m68k", "microblaze", "microblazeel", "mips",
    "mipsel", "mips64", "mips64el", "openrisc", "parisc", "parisc64", "ppc", "ppc64", "ppcemb", "risc-v", "s390",
    "s390x", "sh4", "sh4eb", "sparc", "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb",
})  # fmt: skip
PURPOSES = ("generic", "oldgeneric", "minimal", "k8snode", "gpu", "network", "custom")
DISK_BUSES = ("virtio", "scsi")
# OpenStack's names, and those which the public test suite accepts beside them.
HYPERVISORS = ("qemu", "kvm", "xen", "hyperv", "hyper-v", "vmware", "esxi", "ironic", "lxc", "uml")
FREQUENCIES = ("yearly", "quarterly", "monthly", "weekly", "daily", "critical_bug", "never")

_URL = re.compile(r"(?:https?|ftps?)://[^\s/]+\S*")


@check("scs-0102-prop-architecture")
def architectures_are_known(images: Images) -> Finding:
    """Every image's `architecture` is one that OpenStack names, or `risc-v`."""
    return _every_property(
        images, "architecture", ARCHITECTURES.__contains__, "a CPU architecture as OpenStack names it"
    )


@check("scs-0102-prop-hash_algo")
def hashes_are_strong(images: Images) -> Finding:
    """Every image's data are hashed with sha256 or sha512."""
    return _every_image(
        images, "hash_algo", lambda image: image.hash_algo in ("sha256", "sha512"), "sha256 or sha512", _hash_algo
    )


@check("scs-0102-prop-min_disk")
def root_disks_are_large_enough(images: Images) -> Finding:
    """Every image's `min_disk` is above 0 and not smaller than its data."""
    return _every_image(
        images,
        "min_disk",
        lambda image: image.min_disk_gib > 0 and image.min_disk_gib * GIB >= (image.size_bytes or 0),
        "above 0 and not below the image's size",
        lambda image: f"{image.min_disk_gib} GiB for {(image.size_bytes or 0) / GIB:.2f} GiB of data",
    )


@check("scs-0102-prop-min_ram")
def ram_is_stated(images: Images) -> Finding:
    """Every image's `min_ram` is above 0. Whether a server really survives with it is not tried here."""
    tiny = [image.name for image in images.items if 0 < image.min_ram_mib < 64]
    notes = [f"Hardly any system boots with less than 64 MiB: {', '.join(tiny)}."] if tiny else []
    return _every_image(
        images, "min_ram", lambda image: image.min_ram_mib > 0, "above 0 MiB", lambda i: f"{i.min_ram_mib} MiB", notes
    )


@check("scs-0102-prop-os_version")
def versions_are_stated(images: Images) -> Finding:
    """Every image has an `os_version`. That it is the distribution's number is recommended and not judged."""
    return _every_property(images, "os_version", bool, "the version of the operating system")


@check("scs-0102-prop-os_distro")
def distributions_are_stated(images: Images) -> Finding:
    """Every image has an `os_distro`. OpenStack writes these in lower case; other spellings get a note."""
    spellings = sorted({text_of(image, "os_distro") for image in images.items})
    odd = [spelling for spelling in spellings if spelling != spelling.lower()]
    notes = [f"OpenStack writes distributions in lower case, unlike {', '.join(odd)}."] if odd else []
    return _every_property(images, "os_distro", bool, "the name of the distribution", notes=notes)


@check("scs-0102-prop-os_purpose")
def purposes_are_standardized(images: Images) -> Finding:
    """Every image's `os_purpose` is one of the standard's values (`oldgeneric` since v2 of the standard)."""
    return _every_property(images, "os_purpose", PURPOSES.__contains__, f"one of {', '.join(PURPOSES)}")


@check("scs-0102-prop-hw_disk_bus")
def disk_buses_are_stated(images: Images) -> Finding:
    """Every `hw_disk_bus` that is set is virtio or scsi.

    The standard lists the property as mandatory, but takes it from OpenStack, where a cloud has a default for images
    without it. The public test suite lets these pass, and is followed here; a note names them. The standard names no
    values beyond recommending scsi; which two are taken is the public suite's choice.
    """
    return _every_that_is_set(images, "hw_disk_bus", DISK_BUSES.__contains__, "virtio or scsi")


@check("scs-0102-prop-hypervisor_type")
def hypervisors_are_known(images: Images) -> Finding:
    """Every `hypervisor_type` that is set is one that OpenStack knows; images may leave it out."""
    return _every_optional(images, "hypervisor_type", HYPERVISORS.__contains__, "a hypervisor as OpenStack names it")


@check("scs-0102-prop-hw_rng_model")
def random_number_generators_are_known(images: Images) -> Finding:
    """Every `hw_rng_model` that is set is virtio; images may leave it out."""
    return _every_optional(images, "hw_rng_model", "virtio".__eq__, "virtio")


@check("scs-0102-prop-image_build_date")
def build_dates_are_credible(images: Images, moment: Moment) -> Finding:
    """Every image's `image_build_date` is a date, not after its registration and not in the future."""

    def credible(image: Image) -> bool:
        built = build_date(image)
        return built is not None and built <= min(image.created_at, moment.at)

    return _every_image(
        images,
        "image_build_date",
        credible,
        "YYYY-MM-DD or YYYY-MM-DD hh:mm[:ss], not after the registration",
        lambda image: f"{_seen(image, 'image_build_date')}, registered {image.created_at:%Y-%m-%d %H:%M}",
    )


@check("scs-0102-prop-image_original_user")
def login_users_are_stated(images: Images) -> Finding:
    """Every image has an `image_original_user`, which may be `none`."""
    return _every_property(images, "image_original_user", bool, "the first user's name, or none")


@check("scs-0102-prop-image_source")
def sources_are_stated(images: Images) -> Finding:
    """Every image's `image_source` is a URL (http, https, ftp, ftps), or `private`. It is not fetched here."""
    return _every_property(
        images, "image_source", lambda value: value == "private" or bool(_URL.fullmatch(value)), "a URL or private"
    )


@check("scs-0102-prop-image_description")
def descriptions_are_stated(images: Images) -> Finding:
    """Every image has an `image_description`, text or address."""
    return _every_property(images, "image_description", bool, "a text or a URL")


@check("scs-0102-prop-replace_frequency")
def replacement_is_promised_in_standard_words(images: Images) -> Finding:
    """Every image's `replace_frequency` is one of the standard's values."""
    return _every_property(images, "replace_frequency", FREQUENCIES.__contains__, f"one of {', '.join(FREQUENCIES)}")


@check("scs-0102-prop-provided_until")
def the_end_of_provision_is_stated(images: Images) -> Finding:
    """Every image's `provided_until` is a date, `none` or `notice`."""
    return _every_property(
        images, "provided_until", lambda v: v in ("none", "notice") or is_date(v), "YYYY-MM-DD, none or notice"
    )


@check("scs-0102-prop-uuid_validity")
def validity_of_ids_is_stated(images: Images) -> Finding:
    """Every `uuid_validity` that is set is a date, `none`, `notice`, `forever` or `last-N`.

    The standard lists the property as mandatory, but an image without it promises as much as one that says `none`. The
    public test suite lets these pass, and is followed here; a note names them.
    """
    return _every_that_is_set(
        images,
        "uuid_validity",
        lambda v: v in ("none", "notice", "forever") or bool(re.fullmatch("last-[0-9]+", v)) or is_date(v),
        "YYYY-MM-DD, none, notice, forever or last-N",
    )


@check("scs-0102-prop-hotfix_hours")
def hotfix_hours_are_numbers(images: Images) -> Finding:
    """Every `hotfix_hours` that is set is a number of hours; images may leave it out."""
    return _every_optional(images, "hotfix_hours", lambda v: bool(re.fullmatch("[0-9]+", v)), "a number of hours")


@check("scs-0102-os_purpose-uniqueness")
def generic_images_are_unique(images: Images) -> Finding:
    """Of one distribution, version and architecture, at most one image is public, not hidden and of purpose `generic`.

    Images that do not say distribution and version are left to their own testcases. Where no image is generic, there
    is nothing to compare.
    """
    generic: dict[tuple[str, str, str], list[Image]] = defaultdict(list)
    for image in images.items:
        distro, version, architecture = (text_of(image, key) for key in ("os_distro", "os_version", "architecture"))
        if is_offered(image) and text_of(image, "os_purpose") == "generic" and distro and version:
            generic[distro, version, architecture].append(image)
    if not images.items:
        return nothing_seen(NO_IMAGE)
    if not generic:
        return nothing_seen(
            f"{none_of(len(images.items), 'image')} is public, visible and says of itself that it is generic, "
            "so there is nothing to compare."
        )
    evidence = [
        Evidence(
            subject=f"system {' '.join(key).strip()}",
            seen=f"{counted(len(alike), 'generic image')}: {', '.join(image.name for image in alike)}",
            demanded="at most one generic image",
            ok=len(alike) == 1,
        )
        for key, alike in generic.items()
    ]
    return every("system", "one generic image only", evidence)


def _seen(image: Image, key: str) -> str:
    return text_of(image, key) or "not set"


def _hash_algo(image: Image) -> str:
    return image.hash_algo or "not set"


def _every_property(
    images: Images, key: str, accepts: Callable[[str], bool], demanded: str, *, notes: Iterable[str] = ()
) -> Finding:
    return _every_image(
        images, key, lambda image: accepts(text_of(image, key)), demanded, lambda image: _seen(image, key), notes
    )


def _every_optional(images: Images, key: str, accepts: Callable[[str], bool], demanded: str) -> Finding:
    absent = sum(not text_of(image, key) for image in images.items)
    notes = (
        [f"{counted(absent, 'image')} of {len(images.items)} without {key}, which the standard allows."]
        if absent
        else []
    )
    return _every_property(
        images, key, lambda value: not value or accepts(value), f"{demanded}, or nothing", notes=notes
    )


def _every_that_is_set(images: Images, key: str, accepts: Callable[[str], bool], demanded: str) -> Finding:
    """Judge a mandatory property that the public test suite does not miss."""
    without = [image.name for image in images.items if key not in image.properties]
    note = (
        f"{counted(len(without), 'image')} of {len(images.items)} without {key}, which the standard lists as "
        f"mandatory; the public test suite, followed here, lets that pass: {listed(without)}."
    )
    return _every_image(
        images,
        key,
        lambda image: key not in image.properties or accepts(image.properties[key]),
        demanded,
        lambda image: _seen(image, key),
        [note] if without else [],
    )


def _every_image(
    images: Images,
    key: str,
    accepts: Callable[[Image], bool],
    demanded: str,
    seen: Callable[[Image], str],
    notes: Iterable[str] = (),
) -> Finding:
    """Judge one property of every image."""
    if not images.items:
        return nothing_seen(NO_IMAGE)
    judged = [(image, accepts(image)) for image in images.items]
    evidence = [
        Evidence(subject=named(image), seen=f"{key}: {seen(image)}", demanded=demanded, ok=ok) for image, ok in judged
    ]
    return every("image", f"a valid {key}", evidence, notes=(*notes, *_community_note(judged)))


def _community_note(judged: Iterable[tuple[Image, bool]]) -> list[str]:
    """Say so when only images offend that any project may have published."""
    offending = [image for image, ok in judged if not ok]
    if offending and all(image.visibility == "community" for image in offending):
        return [
            "Only community images offend, and any project can publish those; the public test suite counts them too."
        ]
    return []
