"""What a command line writes and how it ends, in a process that lives for it alone."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess


def captured(
    main: Callable[[], object], arguments: Sequence[str], folder: Path
) -> CompletedProcess[str]:
    """Call a command's entry point; its output goes through files in the folder, which is empty."""
    for number, name in enumerate(("stdout", "stderr"), start=1):
        with (folder / name).open("w") as file:
            os.dup2(file.fileno(), number)
    try:
        code = main()
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = ((folder / name).read_text() for name in ("stdout", "stderr"))
    return CompletedProcess(arguments, int(str(code or 0)), out, err)
