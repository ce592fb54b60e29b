"""One filled form on its way to paper: the form, what stands in its fields, the photo, and the code at its foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.form_tables import Form
from kiosk.domain.identity import Photo


@dataclass(frozen=True, slots=True)
class Sheet:
    form: Form = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    """Texts by field key, as the record holds them; only those that count."""
    photo: Photo | None = field(default=None, repr=False)
    qr: str = field(default="", repr=False)
    """The signed record (docs/form-payload.md); empty for none."""
    marked: frozenset[str] = frozenset()
    """Fields the preview tints, because the machine or the card filled them. Never on paper."""
