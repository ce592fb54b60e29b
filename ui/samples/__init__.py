"""Sample screens with fictional people, for the gallery and the structural checks.

Every module of this package with a `SAMPLES` mapping takes part: add a file, and its pages are drawn and checked.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kiosk.screens.base import Progress, Screen

if TYPE_CHECKING:
    from ui.frame import KioskFrame
    from ui.pages.base import PageWidget


@dataclass(frozen=True, slots=True)
class Sample:
    """A screen as the desk would show it. `act` is run on the shown page, to bring it into a later state."""

    screen: Screen[Any]
    progress: Progress | None = None
    back: bool = True
    cancel: bool = True
    act: Callable[[PageWidget[Any]], None] | None = None
    overlay: Callable[[KioskFrame], None] | None = None
    """Opens an overlay of the frame on top."""


def all_samples() -> dict[str, Sample]:
    """Name -> sample, from all modules of the package. Raises ValueError when two share a name."""
    found: dict[str, Sample] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        for name, sample in import_module(f"{__name__}.{info.name}").SAMPLES.items():
            if name in found:
                raise ValueError(f"two samples are called {name}")
            found[name] = sample
    return found
