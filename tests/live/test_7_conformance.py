"""What the conformance check says of the reference cloud: everything that it can have, and nothing that it has not."""

from live_cloud import LiveCloud

# What cannot be had without the images of their makers.
WITHOUT_IMAGES = {
    "Ubuntu 24.04": {
        "scs-0102-os_purpose-uniqueness": "DNF",
        "scs-0104-source-ubuntu-2404": "DNF",
        "scs-0104-image-ubuntu-2404": "FAIL",
    },
    "ubuntu-capi-image-v1.35.0": {"scs-0104-image-capi-2": "FAIL"},
    "Debian 12": {"scs-0104-image-debian-12": "FAIL"},
}
# No volume type claims what is not true: volumes are files of one machine.
UNCLAIMED = {"scs-0114-encrypted-type": "FAIL", "scs-0114-replicated-type": "FAIL"}
ONE_ZONE = {"scs-0121-storage-zones": "DNF"}


def test_the_check_finds_what_is_there_and_what_is_not(live_cloud: LiveCloud) -> None:
    images = {image["name"] for image in live_cloud.ask(lambda cloud: cloud.items("image", "/images", "images"))}
    expected = UNCLAIMED | ONE_ZONE
    for name, outcomes in WITHOUT_IMAGES.items():
        if name not in images:
            expected |= outcomes
    found = live_cloud.command_line.check(live_cloud.address.clouds_yaml, live_cloud.address.cloud)
    seen = {row["testcase"]: row["outcome"] for row in found["results"]}
    assert found["complete"]
    assert len(seen) > 80
    assert found["left_behind"] == []
    assert {testcase: outcome for testcase, outcome in seen.items() if outcome != "PASS"} == expected
