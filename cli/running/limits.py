"""The limits of one run, which the service and a worker share as options."""

from typing import Annotated

import typer

MAX_DEADLINE = 7 * 24 * 60  # minutes
MAX_MEMORY = 1 << 20  # MB

DeadlineOption = Annotated[
    int,
    typer.Option(min=1, max=MAX_DEADLINE, metavar="MINUTES", help="Kill a run that takes longer."),
]
MemoryOption = Annotated[
    int,
    typer.Option(min=100, max=MAX_MEMORY, metavar="MB", help="Kill a run that uses more memory."),
]
