"""What the exit-entry platform gives back for an application that was filled at a machine but not handed in yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Appointment:
    number: str
    begins: dt.datetime
    window: str = ""
    """Where to go; empty where the hall calls by number."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`barcodes`: the numbers for the form's bar code fields, by field key; only for the documents applied for."""

    number: str
    barcodes: Mapping[str, str] = field(default_factory=dict)
    appointment: Appointment | None = None
    expires: dt.date | None = None
    """Last day on which the window finds it."""
