"""A bootable disk from a tree of files: MBR, GRUB in the gap behind it, one ext4 partition.

Needs no loop device, no mount and no helper machine: `mke2fs -d` writes the file system into a file.
"""

from pathlib import Path

from allmende.errors import ReferenceCloudError
from allmende.refcloud.fetch.program import run

_SECTOR = 512
_START_SECTOR = 2048
_BOOT_CODE_BYTES = 440  # what of the first sector is code; disk signature and partition table follow
_GRUB = Path("/usr/lib/grub/i386-pc")
_GRUB_MODULES = "biosdisk part_msdos ext2 linux normal configfile serial terminal echo boot search search_label"
_GRUB_START = """\
set root=(hd0,msdos1)
set prefix=(hd0,msdos1)/boot/grub
serial --unit=0 --speed=115200
terminal_output serial console
configfile /boot/grub/grub.cfg
"""


def boot_menu(kernel: str, initramfs: str, arguments: str) -> str:
    """Return the text of `/boot/grub/grub.cfg` that boots without asking, with its console on the first serial port."""
    return (
        f"set timeout=0\nlinux /boot/{kernel} root=LABEL=root rw console=tty0 console=ttyS0 net.ifnames=0 {arguments}\n"
        f"initrd /boot/{initramfs}\nboot\n"
    )


async def bootable_disk(tree: Path, size_mib: int, disk: Path) -> None:
    """Write `tree`, which holds `/boot/grub/grub.cfg`, as the qcow2 image `disk` with a partition of `size_mib` MiB.

    Raises:
        ReferenceCloudError: a program is missing or failed, for instance as the tree does not fit.
    """
    scratch = disk.parent
    partition, raw, core, start = (scratch / name for name in ("partition", "disk.raw", "core.img", "start.cfg"))
    _sparse(partition, size_mib * 1024 * 1024)
    await run(["mke2fs", "-q", "-t", "ext4", "-m", "0", "-L", "root", "-d", tree, partition])
    start.write_text(_GRUB_START, encoding="ascii")
    await run(
        [
            "grub-mkimage",
            "-O",
            "i386-pc",
            "-p",
            "(hd0,msdos1)/boot/grub",
            "-c",
            start,
            "-o",
            core,
            *_GRUB_MODULES.split(),
        ]
    )
    _sparse(raw, (size_mib + 2) * 1024 * 1024)
    table = f"label: dos\nstart={_START_SECTOR}, size={size_mib * 1024 * 1024 // _SECTOR}, type=83, bootable\n"
    await run(["sfdisk", "-q", raw], stdin=table.encode())
    _write_boot_loader(raw, core)
    offset = _START_SECTOR * _SECTOR
    await run(
        [
            "dd",
            f"if={partition}",
            f"of={raw}",
            "bs=1M",
            f"seek={offset // 1024**2}",
            "conv=notrunc,sparse",
            "status=none",
        ]
    )
    await run(["qemu-img", "convert", "-O", "qcow2", raw, disk])
    for path in (partition, raw, core, start):
        path.unlink()


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _write_boot_loader(raw: Path, core: Path) -> None:
    code = core.read_bytes()
    if len(code) > (_START_SECTOR - 1) * _SECTOR:
        raise ReferenceCloudError(f"GRUB's core image ({len(code)} bytes) does not fit before the first partition.")
    with raw.open("r+b") as file:
        file.write((_GRUB / "boot.img").read_bytes()[:_BOOT_CODE_BYTES])
        file.seek(_SECTOR)
        file.write(code)
