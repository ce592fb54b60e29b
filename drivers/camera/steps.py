"""The course of a face capture as a pure machine: judged frames in, hint and progress out. Time comes with the frames.

Good frames in a row first; then, where the challenge is on, open eyes → closed → open again after the citizen was asked.
A blink shows that somebody lives and listens; it is no presentation-attack detection in the sense of ISO/IEC 30107.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.ports.devices import FaceHint


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """Seconds and counts."""

    good_frames: int = 6
    blink: bool = True
    hint_hold: float = 1.2
    """A hint stays at least so long, or nobody can read it."""
    blink_within: float = 12.0
    """Then the capture begins again."""
    blink_longest: float = 1.5
    """Closed for longer is no blink."""
    lost_after: float = 0.8
    """Without a face for so long during the challenge, it may be somebody else: begin again."""
    max_fps: float = 20.0
    photo_height: int = 640
    jpeg_quality: int = 92


@dataclass(frozen=True, slots=True)
class Seen:
    """What the machine needs of one judged frame."""

    at: float
    hint: FaceHint
    eyes: str | None = None
    """open | closed | unsure, None without a face."""
    box: tuple[int, int, int, int] | None = None
    sharpness: float = 0.0
    steady: bool = True
    """The face looks as in the frame before. A frame that was damaged on its way does not, and may be the sharpest of all."""


@dataclass(frozen=True, slots=True)
class Step:
    hint: FaceHint
    progress: float
    best: bool = False
    """This frame is the best of the row so far: keep it, drop the one kept before."""
    begun_again: bool = False
    """Drop the frame kept before (it may show somebody else)."""
    done: bool = False


class HintHold:
    """Keeps a hint for its time; the last word (OK) comes at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shown: FaceHint | None = None
        self._since = 0.0

    def show(self, wanted: FaceHint, at: float) -> FaceHint:
        held = self._shown is not None and at - self._since < self._seconds
        if self._shown is None or wanted is FaceHint.OK or not held:
            if wanted is not self._shown:
                self._since = at
            self._shown = wanted
        return self._shown


class Phase(StrEnum):
    HOLDING = "holding"
    ASKING = "asking"
    """Asked to blink, eyes not yet seen open since."""
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"


class CaptureMachine:
    def __init__(self, settings: CaptureSettings) -> None:
        self._s = settings
        self._hold = HintHold(settings.hint_hold)
        self.phase = Phase.HOLDING
        self._good = 0
        self._sharpest = -1.0
        self._asked_at = 0.0
        self._closed_at = 0.0
        self._face_at = 0.0
        self._box: tuple[int, int, int, int] | None = None

    def feed(self, seen: Seen) -> Step:
        begun_again = self.phase is not Phase.HOLDING and self._somebody_else(seen)
        if begun_again:
            self._restart()
        if seen.box is not None:
            self._box, self._face_at = seen.box, seen.at
        best = self._count(seen) if self.phase is Phase.HOLDING else self._keep(seen)
        begun_again |= self.phase is Phase.HOLDING and self._good == 0
        wanted = self._challenge(seen) if self.phase is not Phase.HOLDING else self._holding_hint(seen)
        return Step(self._shown(wanted, seen.at), self._progress(), best, begun_again, self.phase is Phase.DONE)

    def _count(self, seen: Seen) -> bool:
        if seen.hint is not FaceHint.OK or not seen.steady:
            self._restart()
            return False
        self._good += 1
        best = self._keep(seen)
        if self._good >= self._s.good_frames:
            self.phase = Phase.ASKING if self._s.blink else Phase.DONE
            self._asked_at = float("inf")
        return best

    def _keep(self, seen: Seen) -> bool:
        if seen.hint is FaceHint.OK and seen.steady and seen.sharpness > self._sharpest:
            self._sharpest = seen.sharpness
            return True
        return False

    def _holding_hint(self, seen: Seen) -> FaceHint:
        return FaceHint.HOLD_STILL if seen.hint is FaceHint.OK else seen.hint

    def _challenge(self, seen: Seen) -> FaceHint:
        if self.phase is Phase.DONE:
            return FaceHint.OK
        if seen.hint not in (FaceHint.OK, FaceHint.EYES):
            return seen.hint  # too far, turned …: eyes cannot be judged now
        if self._hold.show(FaceHint.BLINK, seen.at) is not FaceHint.BLINK:
            return FaceHint.BLINK  # not asked yet: an earlier hint is still up
        if self._asked_at == float("inf"):
            self._asked_at = seen.at
        match self.phase, seen.eyes:
            case Phase.ASKING, "open":
                self.phase = Phase.OPEN
            case Phase.OPEN, "closed":
                self.phase, self._closed_at = Phase.CLOSED, seen.at
            case Phase.CLOSED, "open" if seen.hint is FaceHint.OK:
                if seen.at - self._closed_at <= self._s.blink_longest:
                    self.phase = Phase.DONE
                    return FaceHint.OK
                self.phase = Phase.OPEN
            case _:
                pass
        return FaceHint.BLINK

    def _somebody_else(self, seen: Seen) -> bool:
        """During the challenge the face must stay the one that was held."""
        if seen.hint is FaceHint.SEVERAL_FACES or seen.at - self._asked_at > self._s.blink_within:
            return True
        if seen.box is None:
            return seen.at - self._face_at > self._s.lost_after
        return self._box is not None and _shared(self._box, seen.box) < 0.2

    def _restart(self) -> None:
        self.phase, self._good, self._sharpest = Phase.HOLDING, 0, -1.0

    def _shown(self, wanted: FaceHint, at: float) -> FaceHint:
        return self._hold.show(wanted, at)

    def _progress(self) -> float:
        whole = 0.7 if self._s.blink else 1.0
        match self.phase:
            case Phase.HOLDING:
                return whole * self._good / self._s.good_frames
            case Phase.ASKING | Phase.OPEN:
                return 0.7
            case Phase.CLOSED:
                return 0.85
            case Phase.DONE:
                return 1.0


def _shared(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """Intersection over union."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0, width) * max(0, height)
    return both / (a[2] * a[3] + b[2] * b[3] - both)
