"""Opening hours of one day, written 03:00-21:00; to 24:00, and over midnight where the end is not after the beginning."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Self

_WRITTEN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)|([01]\d|2[0-3]):([0-5]\d)-24:00")


@dataclass(frozen=True, slots=True)
class Hours:
    """The beginning belongs to them, the end does not. Equal: the whole day."""

    opens: dt.time = dt.time()
    closes: dt.time = dt.time()

    @classmethod
    def parse(cls, text: str) -> Self:
        """ "" is the whole day. Raises ValueError with a sentence."""
        if not text:
            return cls()
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError("write hours as 03:00-21:00")
        hour, minute, until_hour, until_minute, from_hour, from_minute = found.groups()
        if hour is None:
            return cls(dt.time(int(from_hour), int(from_minute)), dt.time())
        return cls(dt.time(int(hour), int(minute)), dt.time(int(until_hour), int(until_minute)))

    def cover(self, at: dt.datetime) -> bool:
        """Whether a moment, in the hall's own time zone, lies within."""
        now = at.time()
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes

    def cover_for(self, at: dt.datetime, span: dt.timedelta) -> bool:
        """Whether a moment, in the hall's own time zone, and the one `span` after it lie within, and all between them."""
        if self.opens == self.closes:
            return True
        return self.cover(at) and _until(self.closes, at) > span

    def beginning(self, span: dt.timedelta) -> Self | None:
        """The part of them in which something can be begun that takes `span`; None where they are no longer than that themselves."""
        if self.opens == self.closes:
            return self
        day = dt.datetime.combine(dt.date(2000, 1, 2), self.opens)
        length = _until(self.closes, day)
        return type(self)(self.opens, (day + length - span).time()) if length > span else None

    def __str__(self) -> str:
        return (
            f"{self.opens:%H:%M} 到 {self.closes:%H:%M}" if self.closes != dt.time() else f"{self.opens:%H:%M} 到 24:00"
        )


def _until(end: dt.time, at: dt.datetime) -> dt.timedelta:
    """From a moment to the next time a clock shows `end`."""
    next_end = dt.datetime.combine(at.date(), end, at.tzinfo)
    return (next_end if next_end > at else next_end + dt.timedelta(days=1)) - at
