"""Whether this machine can really run guests on its processor (KVM), or must emulate one (TCG).

`/dev/kvm` may exist and still not work, so a guest is started: only its own word on the serial console counts.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_MARKER = b"allmende-guest: kernel up"
_KERNEL_ARGUMENTS = "console=ttyS0 quiet panic=-1 allmende.probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypervisor:
    """What nova's `virt_type` is to be, and the observation it follows from."""

    virt_type: Literal["kvm", "qemu"]
    evidence: str


async def probe(
    kernel: Path,
    initramfs: Path,
    *,
    seconds: float = 5.0,
    device: Path = Path("/dev/kvm"),
    emulator: Sequence[str] = ("qemu-system-x86_64",),
) -> Hypervisor:
    """Start the small guest from `kernel` and `initramfs` on the processor and wait for its word at most `seconds`."""
    if not os.access(device, os.R_OK | os.W_OK):
        return Hypervisor(virt_type="qemu", evidence=f"{device} is missing or closed to us: guests are emulated")
    argv = [*emulator, "-machine", "pc,accel=kvm", "-cpu", "host", "-m", "128", "-nodefaults", "-no-user-config"]
    argv += ["-display", "none", "-no-reboot", "-serial", "stdio", "-kernel", str(kernel), "-initrd", str(initramfs)]
    argv += ["-append", _KERNEL_ARGUMENTS]
    output, ended = await _console(argv, seconds)
    if _MARKER in output:
        return Hypervisor(virt_type="kvm", evidence="a guest started with KVM and said so on its console")
    last = (output.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
    fate = "ended" if ended else f"was silent for {seconds:g} s"
    return Hypervisor(
        virt_type="qemu", evidence=f"{device} exists, but a guest started with KVM {fate}; its last line: {last}"
    )


async def _console(argv: Sequence[str], seconds: float) -> tuple[bytes, bool]:
    """Run `argv` until it prints the marker, ends, or `seconds` are over; return its output and whether it ended."""
    output = bytearray()
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None  # noqa: S101 -- it is a pipe, as asked for above
    ended = False
    try:
        async with asyncio.timeout(seconds):
            while _MARKER not in output and not ended:
                chunk = await process.stdout.read(4096)
                output += chunk
                ended = not chunk
    except TimeoutError:
        pass
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return bytes(output), ended
