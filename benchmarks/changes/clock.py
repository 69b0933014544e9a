"""A simulated clock for the modules that call `datetime.now`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any, Self

_PATCHED_PACKAGES = ("crawler.", "storage.")


class SimulatedClock:
    """A clock that moves only when it is set."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def set(self, at: datetime) -> None:
        """Sets the time, an aware datetime."""
        self.now = at

    @contextmanager
    def patch_datetime(self) -> Iterator[None]:
        """Makes `datetime.now` of `crawler` and `storage` return this clock's time in the block."""
        clock = self

        class Simulated(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                at = clock.now.astimezone(tz)
                return cls(
                    at.year, at.month, at.day, at.hour, at.minute, at.second, tzinfo=at.tzinfo
                )

        patched: list[Any] = []
        for name, module in sorted(sys.modules.items()):
            if name.startswith(_PATCHED_PACKAGES) and getattr(module, "datetime", None) is datetime:
                module.datetime = Simulated  # type: ignore[attr-defined]
                patched.append(module)
        try:
            yield
        finally:
            for module in patched:
                module.datetime = datetime
