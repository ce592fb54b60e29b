"""The mainland's time: eight hours ahead of UTC, without daylight saving since 1992.

A constant, so that neither rules of law nor the first paint need time-zone files.
"""

from __future__ import annotations

import datetime as dt

SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
