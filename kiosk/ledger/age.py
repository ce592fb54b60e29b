"""How long ago something was written down, by a clock that may have been wrong at the time."""

from __future__ import annotations

import datetime as dt

SLACK = dt.timedelta(minutes=5)
"""A clock may be set back by so much without anybody's notice."""


def older(since: str, now: dt.datetime, span: dt.timedelta) -> bool:
    """Whether the ISO time `since` lies at least `span` back.

    So is what says that it was written in the future. The clock was wrong then, and nothing is known of its age; whoever waited for it to
    grow old would wait until that day.
    """
    age = now - dt.datetime.fromisoformat(since)
    return age >= span or age < -SLACK
