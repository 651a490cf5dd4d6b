"""What a person says on the command line, understood or refused with what would be."""

import pytest

from allmende.errors import UnknownNameError, UsageError
from allmende.facts.openstack import VolumeType, VolumeTypes
from allmende.repair.model import Claim, PropertyWish, Wishes
from allmende.repair.rules.wishes import claim, property_wish, refuse_unknown_names
from allmende.standards.load import load_standards

STANDARDS = load_standards()


@pytest.mark.parametrize(
    ("text", "image", "key", "value"),
    [
        ("Debian 12:min_ram=512", "Debian 12", "min_ram", "512"),
        ("*:uuid_validity=none", "*", "uuid_validity", "none"),
        ("lab:blue:os_distro=debian", "lab:blue", "os_distro", "debian"),
        ("x:image_source=https://h:80/a?b=c:d", "x", "image_source", "https://h:80/a?b=c:d"),
    ],
)
def test_a_property_is_read(text: str, image: str, key: str, value: str) -> None:
    assert property_wish(text, STANDARDS) == PropertyWish(image=image, key=key, value=value)


@pytest.mark.parametrize(
    "text", ["min_ram=512", "x:min_ram", ":min_ram=1", "x:min_ram=", "x:owner=me", "x:hash_algo=md5"]
)
def test_what_is_no_property_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        property_wish(text, STANDARDS)


def test_a_claim_is_read_and_a_wrong_one_refused() -> None:
    assert claim("my:type:encrypted") == Claim(type="my:type", aspect="encrypted")
    for wrong in ("LUKS", "LUKS:fast", ":encrypted"):
        with pytest.raises(UsageError, match="is not understood"):
            claim(wrong)


def test_a_claim_about_a_type_that_is_not_there_names_those_that_are() -> None:
    types = VolumeTypes(items=(VolumeType(id="1", name="LUKS"),))
    wishes = Wishes(claims=(Claim(type="LUX", aspect="encrypted"),))
    with pytest.raises(UnknownNameError, match="no volume type `LUX`") as caught:
        refuse_unknown_names(wishes, {VolumeTypes: types})
    assert "LUKS" in caught.value.hint
