"""Names the machine whose process table the pids of this process belong to."""

import hashlib
from contextlib import suppress
from pathlib import Path
from socket import gethostname

MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id"))
"""Copies of a virtual machine share the first; the kernel draws the second at each start."""
PID_NAMESPACE_FILE = Path("/proc/self/ns/pid")
_DIGEST_LENGTH = 16


def machine_name() -> str:
    """Returns a name such as 8c0f2b6d1e7a9035-4026531836, equal where a pid means one process.

    The digest is of machine-id(5) and the boot id in random(4), and the number is the pid namespace
    (namespaces(7)), which each container has of its own. A new start gives a new name. A system
    without a boot id is named by its host name.
    """
    texts = [_read(file) for file in MACHINE_ID_FILES]
    identity = ":".join(texts) if texts[-1] else gethostname()
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_DIGEST_LENGTH]
    namespace = ""
    with suppress(OSError):
        namespace = PID_NAMESPACE_FILE.readlink().name
    return f"{digest}-{''.join(filter(str.isdecimal, namespace))}"


def is_one_start(machine: str, other: str) -> bool:
    """Whether two names are of one machine since its last start, maybe of two containers there."""
    return machine.partition("-")[0] == other.partition("-")[0]


def _read(file: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii").strip()
    return ""
