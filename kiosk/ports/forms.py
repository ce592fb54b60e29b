"""Ports of the application form: whoever makes pages of it, and the platform that takes it as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk.domain.forms.draft import Draft
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import Photo
from kiosk.domain.slip import Slip


class FormPainter(Protocol):
    async def pdf(self, sheets: Sequence[Sheet]) -> bytes:
        """One PDF document with a page for each sheet, in their order: embedded fonts, text that can be selected. At least one sheet.

        The preview paints the same. Raises OSError when it cannot be made. Nothing is kept.
        """
        ...

    async def slip_pdf(self, slip: Slip) -> bytes:
        """The same slip as receipt printers lay out, as a document on A4. Else as `pdf`."""
        ...


class DraftDesk(Protocol):
    """The exit-entry platform's desk for drafts. The wire contract is `kiosk/gateways/exit_entry/openapi.yaml`.

    Methods raise `GatewayUnavailable` when no usable answer came (the effect is unknown) and `Refused` when it answered no.
    """

    async def submit(self, key: str, record: Record, photo: Photo | None = None) -> Draft:
        """Put a draft down under a key, in place of what lay there: the same key keeps its number and bar codes."""
        ...

    async def withdraw(self, key: str) -> None:
        """The citizen went away without their form: the draft is deleted, also one that may never have arrived. Idempotent."""
        ...
