"""What the events of a pad mean: presses, keys that hang, headphones that come and go. Knows nothing of lines."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from config.nav_pad import PadTable
from drivers.nav_pad.events import PRESSED, RELEASED, SW_HEADPHONE_INSERT, Event, Type
from drivers.service import Service
from kiosk.ports.controls import PadEvent, PadKey

BOUNCE = 0.03
"""A key pressed again so soon after it was released (seconds) is one whose contact bounces: nobody's finger does that."""
STUCK_AFTER = 10.0
"""Nobody holds a key for so long (seconds)."""
KEPT_FOR = 2.0
"""A press that nobody asked for in so many seconds was meant for a page that is gone."""
_WAITING = 16
_JACK = {"jack_in": True, "jack_out": False}
log = structlog.get_logger(__name__)


class Keys:
    """`changed` is called when the state of a part has changed, `news` when there is something to fetch."""

    def __init__(
        self,
        table: PadTable,
        service: Service,
        changed: Callable[[], None],
        news: Callable[[], None],
        *,
        stuck_after: float = STUCK_AFTER,
    ) -> None:
        self._meaning = {code: name for name, code in table.pairs()}
        self._service = service
        self._changed, self._news = changed, news
        self._stuck_after = stuck_after
        self._held: dict[int, asyncio.TimerHandle] = {}
        self._released: dict[int, float] = {}
        self._stuck: set[int] = set()
        self._strange: set[int] = set()
        self._presses: deque[tuple[float, PadKey]] = deque(maxlen=_WAITING)
        self._jack_news = False
        self.headphones: bool | None = None

    @property
    def stuck(self) -> tuple[str, ...]:
        """Names of the keys that hang."""
        return tuple(sorted(self._meaning[code] for code in self._stuck))

    def forget(self, *, everything: bool = False) -> None:
        """The line is new: nothing is known to be held down. `everything`: what waits to be fetched too."""
        for timer in self._held.values():
            timer.cancel()
        self._held.clear()
        self._released.clear()
        self._stuck.clear()
        if everything:
            self.headphones = None
            self._presses.clear()
            self._jack_news = False

    def fetch(self) -> PadEvent | None:
        """The oldest thing that happened, once."""
        if self._jack_news:
            self._jack_news = False
            return PadEvent(None, bool(self.headphones))
        fresh = asyncio.get_running_loop().time() - KEPT_FOR
        while self._presses:
            at, key = self._presses.popleft()
            if at >= fresh:
                return PadEvent(key, bool(self.headphones))
        return None

    # --- what comes in

    def take(self, event: Event) -> None:
        if event.type == Type.SW and event.code == SW_HEADPHONE_INSERT:
            self.set_headphones(bool(event.value))
        if event.type != Type.KEY:
            return
        name = self._meaning.get(event.code)
        if name is None:
            self._unknown(event.code)
        elif name in _JACK:
            if event.value == PRESSED:
                self.set_headphones(_JACK[name])
        elif event.value == RELEASED:
            self._release(event.code, event.at)
        else:
            self._press(event, PadKey(name))

    def set_headphones(self, there: bool) -> None:
        before, self.headphones = self.headphones, there
        if before is not there:
            self._jack_news = there or before is True  # that there are none is no news at the beginning
            if self._jack_news:
                self._news()
            self._changed()

    def resync(self, held: frozenset[int]) -> None:
        """The kernel had to throw events away, or the line is new: what is held down now."""
        for code in tuple(self._held):
            if code not in held:
                self._release(code, 0.0)
        for code in held & self._meaning.keys():
            if self._meaning[code] not in _JACK and code not in self._held:
                self._hold(code)

    def _press(self, event: Event, key: PadKey) -> None:
        if event.code in self._held:
            return  # repeated by the keyboard itself, or a release was lost
        self._hold(event.code)
        released = self._released.get(event.code)
        if event.value != PRESSED or (released is not None and 0 <= event.at - released < BOUNCE):
            return
        self._service.count("presses")
        self._presses.append((asyncio.get_running_loop().time(), key))
        self._news()

    def _hold(self, code: int) -> None:
        self._held[code] = asyncio.get_running_loop().call_later(self._stuck_after, self._hangs, code)

    def _release(self, code: int, at: float) -> None:
        timer = self._held.pop(code, None)
        if timer is None:
            return
        timer.cancel()
        self._released[code] = at
        if code in self._stuck:
            self._stuck.discard(code)
            self._changed()

    def _hangs(self, code: int) -> None:
        self._stuck.add(code)
        log.warning("pad_key_stuck", field=self._meaning[code], code=code)
        self._changed()

    def _unknown(self, code: int) -> None:
        self._service.count("bad_answers")
        if code not in self._strange:
            self._strange.add(code)
            log.debug("pad_key_unknown", code=code)
