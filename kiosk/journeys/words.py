"""Times as citizens read them on a screen; slips and decisions write them out (see `kiosk.domain.texts`)."""

from __future__ import annotations

import datetime as dt

from config.zone import SHANGHAI
from kiosk.domain.texts import written_date


def moment(at: dt.datetime) -> str:
    """2026年3月2日 17:46."""
    at = at.astimezone(SHANGHAI)
    return f"{written_date(at.date())} {at:%H:%M}"
