"""The technician's knock: five touches of the header's left end within three seconds. Nothing on the screen tells of it.

No control: citizens find nothing to press there, and a citizen who rests a hand on the header is not counted twice.
"""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QMouseEvent, QTouchEvent

TOUCHES = 5
WITHIN_S = 3.0
WIDTH = 400
"""Pixels of the header at scale 1.0, from its left end."""


def pressed_at(event: QEvent) -> QPointF | None:
    """Where in the window a finger or a mouse came down. None for keys, and for the mouse press Qt makes of a touch."""
    if isinstance(event, QTouchEvent):
        return event.points()[0].position() if len(event.points()) == 1 else None
    if isinstance(event, QMouseEvent):
        from PySide6.QtGui import QInputDevice

        device = event.device()
        made_of_touch = device is not None and device.type() is QInputDevice.DeviceType.TouchScreen
        return None if made_of_touch else event.position()
    return None


class ServiceGesture:
    """Counts. `touch` tells whether this touch, at monotonic time `now` (seconds), was the last of five; the next begins anew."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=TOUCHES)

    def touch(self, now: float) -> bool:
        self._times.append(now)
        if len(self._times) < TOUCHES or now - self._times[0] > WITHIN_S:
            return False
        self._times.clear()
        return True

    def elsewhere(self) -> None:
        """A touch that was not on the header's end: whoever knocks does nothing else meanwhile."""
        self._times.clear()
