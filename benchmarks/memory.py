"""Measures the memory of this process."""

import re
from pathlib import Path


def peak_memory_mb() -> float:
    """Returns the peak memory of this process in MB, 0 if unknown.

    Reads VmHWM of proc(5), because ru_maxrss starts at the memory of the parent process.
    """
    match = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(match.group(1)) / 1024 if match else 0.0
