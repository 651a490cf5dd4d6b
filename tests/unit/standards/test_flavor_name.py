"""Names of SCS flavors: every name we can write we can read, nothing crashes the reader, and errors say where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.standards.flavor_name import (
    FlavorName,
    FlavorNameError,
    NamingVersion,
    describe,
    is_scs_name,
    parse,
    read,
)
from allmende.standards.flavor_parts import (
    CpuType,
    CpuVendor,
    Disks,
    DiskType,
    Gpu,
    GpuAccess,
    GpuVendor,
    Hypervisor,
    Processor,
)

COUNTS = st.integers(1, 4096)


@st.composite
def processors(draw: st.DrawFn) -> Processor:
    vendor = draw(st.sampled_from(CpuVendor))
    generation = draw(st.integers(0, len(vendor.generations) - 1))
    return Processor(vendor=vendor, generation=generation, frequency=draw(st.integers(0, 3)))


@st.composite
def gpus(draw: st.DrawFn) -> Gpu:
    vendor = draw(st.sampled_from(GpuVendor))
    generations = {
        GpuVendor.NVIDIA: list("fkmpvtalgbu"),
        GpuVendor.AMD: ["0.4", "0.5", "1", "1.1", "2", "2.1", "3", "3.1", "3.5", "4", "4.1", "5.1"],
        GpuVendor.INTEL: ["0.9", "0.95", "1", "2", "3", "4"],
    }
    units = draw(st.none() | COUNTS)
    memory = draw(st.none() | COUNTS) if units else None
    return Gpu(
        access=draw(st.sampled_from(GpuAccess)),
        vendor=vendor,
        generation=draw(st.sampled_from(["", *generations[vendor]])),
        units=units,
        frequency=draw(st.integers(0, 2)),
        memory_gib=memory,
        fast_memory=draw(st.booleans()) if memory else False,
    )


FLAVOR_NAMES = st.builds(
    FlavorName,
    vcpus=COUNTS,
    cpu_type=st.sampled_from(CpuType),
    ram_mib=COUNTS.map(lambda halves: 512 * halves),
    insecure=st.booleans(),
    without_ecc=st.booleans(),
    ram_oversubscribed=st.booleans(),
    disks=st.none()
    | st.builds(Disks, count=st.integers(1, 9), size_gb=st.none() | COUNTS, type=st.none() | st.sampled_from(DiskType)),
    hypervisor=st.none() | st.sampled_from(Hypervisor),
    hardware_virtualization=st.booleans(),
    processor=st.none() | processors(),
    gpu=st.none() | gpus(),
    infiniband=st.booleans(),
)


@given(FLAVOR_NAMES)
def test_every_name_that_is_written_reads_back(flavor: FlavorName) -> None:
    assert parse(str(flavor)) == flavor


@given(FLAVOR_NAMES.filter(lambda flavor: flavor.hypervisor is not Hypervisor.CLOUD_HYPERVISOR))
def test_the_v1_form_means_the_same_and_says_that_it_is_old(flavor: FlavorName) -> None:
    reading = read(flavor.in_v1_form())
    assert reading.flavor == flavor
    assert reading.version is NamingVersion.V1
    assert str(flavor) in reading.notes[0]


@given(FLAVOR_NAMES)
def test_short_names_promise_no_other_size(flavor: FlavorName) -> None:
    short = flavor.short()
    assert (short.vcpus, short.ram_mib, short.disks) == (flavor.vcpus, flavor.ram_mib, flavor.disks)
    assert len(str(short)) <= len(str(flavor))
    assert short.short() == short


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("SCS-2C-4-10n_bms_hwv_z3h_GNa-64_ib", "SCS-2C-4-10n_GNa-64_ib"),
        ("SCS-2C-4_kvm_i1", "SCS-2C-4"),
        ("SCS-2C-4_kvm_a1", "SCS-2C-4_a1"),
    ],
)
def test_a_short_name_keeps_what_a_user_picks_by(name: str, short: str) -> None:
    assert str(parse(name).short()) == short


@given(FLAVOR_NAMES)
def test_every_flavor_can_be_described_in_one_sentence(flavor: FlavorName) -> None:
    sentence = describe(flavor)
    assert sentence.startswith(f"{flavor.vcpus} ")
    assert sentence.endswith(".")
    assert "  " not in sentence


@given(st.text() | st.text("SCS-:_.0123456789LVTCiuonhspxGNAIgabkmvwz", max_size=40).map(lambda tail: "SCS-2V" + tail))
def test_any_other_text_is_refused_with_a_position_or_read_canonically(text: str) -> None:
    flavor = error = None
    try:
        flavor = parse(text)
    except FlavorNameError as caught:
        error = caught
    if error:
        assert 0 <= error.position <= len(text)
        assert error.expected in str(error)
    else:
        assert flavor == parse(str(flavor))


@pytest.mark.parametrize(
    "name",
    [
        "SCS-2C-4-10n",
        "SCS-8Ti-32-50p_i1",
        "SCS-1L-1u-5",
        "SCS-16T-64-200s_GNa-72-24_ib",
        "SCS-4C-16-2x200p_a1",
        "SCS-1V-0.5",
        "SCS-2C-4uo-10n",
        "SCS-2C-3.5-10n",
        "SCS-2C-4-",
        "SCS-2C-4-n",
        "SCS-2C-4-_bms_z3h_GNa-64_ib",
        "SCS-2C-4_bms_z3",
        "SCS-2C-4-3x10",
        "SCS-2C-4-10_kvm_hwv",
        "SCS-2C-4-10n_bms_z3hh",
        "SCS-16V-64-500s_GNa-14-6h",
        "SCS-2C-4_GA3.1-96-24",
        "SCS-2C-4_chy",
    ],
)
def test_examples_of_the_standard_are_canonical_v3(name: str) -> None:
    reading = read(name)
    assert (str(reading.flavor), reading.version, reading.notes) == (name, NamingVersion.V3, ())


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("", 0),
        ("m1.small", 0),
        ("scs-2V-4", 0),
        ("SCS-", 4),
        ("SCS-V-4", 4),
        ("SCS-0V-4", 4),
        ("SCS-2-4-10n", 5),
        ("SCS-2iT-4-10n", 5),
        ("SCS-2V", 6),
        ("SCS-2V-", 7),
        ("SCS-2V-0", 7),
        ("SCS-2V-3.75", 7),
        ("SCS-2C-4ou-10n", 9),
        ("SCS-2C-4-1.5n", 10),
        ("SCS-2C-4-0n", 9),
        ("SCS-2C-4-0x10", 9),
        ("SCS-2C-4-x10", 9),
        ("SCS-2C-4-10_hwv_xen", 15),
        ("SCS-2C-4-10_ib_kvm", 14),
        ("SCS-2C-4-10_kvm_kvm", 15),
        ("SCS-2C-4-n_bms_3", 14),
        ("SCS-2C-4_i7", 9),
        ("SCS-2C-4_r1", 9),
        ("SCS-2C-4_zhhhh", 9),
        ("SCS-2C-4_GX", 9),
        ("SCS-2C-4_GNz", 9),
        ("SCS-2C-4_GNa-0", 9),
        ("SCS-2C-4_GNa-14-6hh", 18),
        ("SCS-2C-4_GNah-14", 13),
        ("SCS-2C:4-chy", 8),
        ("SCS-2C:4-10n", 8),
        ("SCS-2C-4:10n", 8),
        ("SCS-2C-4-10n ", 12),
        ("SCS-2C-4-10n\n", 12),
        ("SCS-٢C-4", 4),
        ("SCS-" + "2" * 300 + "V-4", 255),
    ],
)
def test_a_broken_name_is_refused_where_it_breaks(name: str, position: int) -> None:
    with pytest.raises(FlavorNameError) as caught:
        parse(name)
    assert caught.value.position == position
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("name", "canonical", "version", "remark"),
    [
        ("SCS-2C:4:10n-bms-z3", "SCS-2C-4-10n_bms_z3", NamingVersion.V1, "form of v1"),
        ("SCS-2C-4-3xs", "SCS-2C-4-3xs", NamingVersion.V2, "form of v2"),
        ("SCS-02C-4.0-1x10n_i0", "SCS-2C-4-10n_i", NamingVersion.V3, "canonical form"),
        ("SCS-2C-.5", "SCS-2C-0.5", NamingVersion.V3, "canonical form"),
        ("SCS-2C-12.5", "SCS-2C-12.5", NamingVersion.V3, "discourages"),
    ],
)
def test_tolerated_forms_are_read_with_a_remark(name: str, canonical: str, version: NamingVersion, remark: str) -> None:
    reading = read(name)
    assert (str(reading.flavor), reading.version) == (canonical, version)
    assert remark in reading.notes[0]


def test_a_name_is_described_with_what_it_confesses() -> None:
    assert describe(parse("SCS-2Li-4uo")) == (
        "2 heavily oversubscribed vCPUs (insecure: weakly protected against CPU vulnerabilities), "
        "4 GiB RAM (no ECC, oversubscribed), no disk (boots from a volume)."
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("SCS-1C-0.5-n", "1 dedicated core, 0.5 GiB RAM, network disk of a size that the cloud chooses."),
        ("SCS-2T-1-2x", "2 dedicated threads, 1 GiB RAM, 2 disks of a size that the cloud chooses."),
        ("SCS-1V-1-5_gA", "1 oversubscribed vCPU, 1 GiB RAM, 5 GB disk, virtual AMD GPU."),
        ("SCS-1V-1_r_ib", "1 oversubscribed vCPU on RISC-V, 1 GiB RAM, no disk (boots from a volume), Infiniband."),
        (
            "SCS-1V-1-5_gI3-8",
            "1 oversubscribed vCPU, 1 GiB RAM, 5 GB disk, virtual Intel GPU (generation 3) with 8 execution units.",
        ),
    ],
)
def test_names_are_described_in_singular_and_plural(name: str, sentence: str) -> None:
    assert describe(parse(name)) == sentence


def test_all_parts_are_described() -> None:
    assert describe(parse("SCS-16T-64-2x200s_bms_hwv_z3h_GNa-72-24h_ib")) == (
        "16 dedicated threads on AMD x86-64 Zen 3 (Milan) above 2.75 GHz, 64 GiB RAM, 2 local SSD disks of 200 GB, "
        "pass-through Nvidia GPU (Ampere) with 72 streaming multiprocessors and 24 GiB high-bandwidth video memory, "
        "Infiniband, hardware virtualization, on bare metal."
    )


def test_extra_specs_have_the_words_of_scs_0103() -> None:
    assert [kind.extra_spec for kind in CpuType] == [
        "crowded-core",
        "shared-core",
        "dedicated-thread",
        "dedicated-core",
    ]
    assert [kind.extra_spec for kind in DiskType] == ["network", "hdd", "ssd", "nvme"]


def test_only_the_prefix_claims_a_name() -> None:
    assert is_scs_name("SCS-nonsense")
    assert not is_scs_name("SCSnonsense")


@pytest.mark.parametrize("ram_mib", [0, -512, 100, 513])
def test_a_name_cannot_be_made_with_ram_that_has_no_spelling(ram_mib: int) -> None:
    with pytest.raises(ValueError, match="half GiB"):
        FlavorName(vcpus=1, cpu_type=CpuType.SHARED_CORE, ram_mib=ram_mib)
