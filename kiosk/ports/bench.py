"""The virtual hardware as the bench window sees it. `ui` never imports `drivers`: it is handed these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol


class VirtualDevice(Protocol):
    """A running simulator."""

    kind: str

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one command ({"do": …}). Raises ValueError with a sentence when it makes no sense."""
        ...

    def state(self) -> dict[str, Any]: ...

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]: ...
