"""Only a guest that speaks shows that the processor runs guests."""

import sys
from pathlib import Path

from allmende.refcloud.apply.hypervisor import Hypervisor, probe


async def _probe_with(program: str, device: Path, seconds: float = 20.0) -> Hypervisor:
    emulator = [sys.executable, "-c", program]
    return await probe(Path("kernel"), Path("initramfs"), seconds=seconds, device=device, emulator=emulator)


async def test_a_guest_that_speaks_shows_kvm(tmp_path: Path) -> None:
    device = tmp_path / "kvm"
    device.touch()
    found = await _probe_with("print('allmende-guest: kernel up after 0.4 s', flush=True); input()", device)
    assert found.virt_type == "kvm"


async def test_without_the_device_guests_are_emulated(tmp_path: Path) -> None:
    found = await _probe_with("raise SystemExit", tmp_path / "kvm")
    assert found.virt_type == "qemu"
    assert "missing" in found.evidence


async def test_a_device_that_does_not_work_is_not_believed(tmp_path: Path) -> None:
    device = tmp_path / "kvm"
    device.touch()
    found = await _probe_with("print('Could not access KVM kernel module: Permission denied')", device)
    assert found.virt_type == "qemu"
    assert "Permission denied" in found.evidence


async def test_a_silent_guest_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    device = tmp_path / "kvm"
    device.touch()
    found = await _probe_with("import time; time.sleep(60)", device, seconds=0.2)
    assert found.virt_type == "qemu"
    assert "silent for 0.2 s" in found.evidence
