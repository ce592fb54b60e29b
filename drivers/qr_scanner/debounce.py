"""Who was given already. Payloads are remembered as digests only, and forgotten as soon as they may come again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

GONE_AFTER = 1.5
"""Seconds without a code after which it counts as taken away."""
UNWATCHED_LIMIT = 30.0
"""After so many seconds without looking, nothing is known about who stands there."""


class SeenInView:
    """For a camera: a code given is not given again until it was *seen to be absent* for `gone_after` seconds.

    Times are those of the frames. Time in which no frame was looked at is not absence, unless it lasts very long.
    """

    def __init__(self, gone_after: float = GONE_AFTER, unwatched_limit: float = UNWATCHED_LIMIT) -> None:
        self._gone_after = gone_after
        self._unwatched_limit = unwatched_limit
        self._missing_since: dict[bytes, float | None] = {}
        self._looked_at: float | None = None

    def look(self, at: float, payloads: Iterable[bytes]) -> None:
        """One frame, taken at `at`, shows these payloads."""
        if self._looked_at is not None and not 0 <= at - self._looked_at <= self._unwatched_limit:
            self._missing_since.clear()
        self._looked_at = at
        here = {_digest(payload) for payload in payloads}
        kept: dict[bytes, float | None] = {}
        for digest, since in self._missing_since.items():
            if digest in here:
                # Back before its time was up is as if it had never left; back later is a new showing.
                if since is None or at - since < self._gone_after:
                    kept[digest] = None
            elif since is None:
                kept[digest] = at
            elif at - since < self._gone_after:
                kept[digest] = since
        self._missing_since = kept

    def was_given(self, payload: bytes) -> bool:
        return _digest(payload) in self._missing_since

    def give(self, payload: bytes) -> None:
        self._missing_since[_digest(payload)] = None

    def clear(self) -> None:
        self._missing_since.clear()
        self._looked_at = None


class SeenOnLine:
    """For an engine: the same payload again within `gone_after` seconds is the same showing, however often it comes."""

    def __init__(self, gone_after: float = GONE_AFTER) -> None:
        self._gone_after = gone_after
        self._last: dict[bytes, float] = {}

    def is_repeat(self, payload: bytes, at: float) -> bool:
        """Whether this arrival belongs to a showing that was given; each arrival prolongs the showing."""
        self._last = {digest: seen for digest, seen in self._last.items() if at - seen < self._gone_after}
        digest = _digest(payload)
        if digest not in self._last:
            return False
        self._last[digest] = at
        return True

    def give(self, payload: bytes, at: float) -> None:
        self._last[_digest(payload)] = at

    def clear(self) -> None:
        self._last.clear()


def _digest(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=16).digest()
