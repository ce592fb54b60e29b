"""The course of a sitting as a pure machine: judged frames in, hint and progress out. Time comes with the frames."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.ports.photo import PhotoHint


@dataclass(frozen=True, slots=True)
class Turn:
    hint: PhotoHint
    progress: float
    keep: bool = False
    """This frame is the sharpest of the row so far: keep it instead of the one before."""
    drop: bool = False
    """The row is broken: what was kept may show somebody else, or another pose."""
    develop: bool = False
    """The row is complete: develop what was kept."""


class Sitting:
    """Good frames in a row, then one is developed. A hint stays up for `hold` seconds, or nobody could read it."""

    def __init__(self, good_frames: int, hold: float) -> None:
        self._wanted = max(1, good_frames)
        self._hold = hold
        self._good = 0
        self._sharpest = -1.0
        self._shown: PhotoHint | None = None
        self._since = 0.0

    def feed(self, at: float, hint: PhotoHint, sharpness: float) -> Turn:
        if hint is not PhotoHint.OK:
            broken = self._good > 0
            self._restart()
            return Turn(self._show(hint, at), 0.0, drop=broken)
        self._good += 1
        keep = sharpness > self._sharpest
        self._sharpest = max(self._sharpest, sharpness)
        complete = self._good >= self._wanted
        shown = self._show(PhotoHint.HOLD_STILL, at)
        return Turn(shown, min(1.0, self._good / self._wanted), keep=keep, develop=complete)

    def refuse(self, at: float, hint: PhotoHint) -> PhotoHint:
        """The developed photo failed its check: the citizen sees why, at once, and the row begins again."""
        self._restart()
        self._shown, self._since = hint, at
        return hint

    def _show(self, wanted: PhotoHint, at: float) -> PhotoHint:
        if self._shown is None or (wanted is not self._shown and at - self._since >= self._hold):
            self._shown, self._since = wanted, at
        return self._shown

    def _restart(self) -> None:
        self._good, self._sharpest = 0, -1.0
