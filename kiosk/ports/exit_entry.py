"""What a journey and the sweeper may ask of the exit-entry platform. The wire contract is
`kiosk/gateways/exit_entry/openapi.yaml`.

Every method raises `GatewayUnavailable` when no usable answer came (the effect is then *unknown*) and `Refused` when the platform
answered no.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from kiosk.domain.endorsement import Application, RegistryRecord
from kiosk.domain.identity import Photo
from kiosk.ports.devices import FaceMatch


class ExitEntryPlatform(Protocol):
    async def registry(self, id_number: str, permit_number: str) -> RegistryRecord | None:
        """The holder of this permit and what they hold; None where the platform knows no such permit. The record's own
        id_number may differ from the one asked with: the rules compare (EE02)."""
        ...

    async def photo_on_file(self, permit_number: str) -> Photo | None:
        """The face the permit was issued with, for the 1:1 check where the chip's picture cannot be used."""
        ...

    async def match_face(self, id_number: str, live: Photo) -> FaceMatch:
        """1:1 comparison done by the platform's service."""
        ...

    async def apply(
        self,
        id_number: str,
        permit_number: str,
        option_ids: Sequence[str],
        fee_fen: int,
        phone: str,
        idempotency_key: str,
    ) -> Application:
        """Submit an application. Same key, same application. Refused: not eligible after all, the fee differs, an application
        is pending, an endorsement for the place is in force."""
        ...

    async def find_application(self, idempotency_key: str) -> Application | None:
        """What became of the application submitted under this key; None when it never arrived. Asked before any retry."""
        ...

    async def authorise(self, number: str, amount_fen: int, trade_no: str, paid_at: dt.datetime) -> Application:
        """Tell that the fee is paid and get the grants and what to write. Same number, same answer; Refused when cancelled,
        written already, or the amount is wrong."""
        ...

    async def confirm(self, number: str, *, printed: bool) -> Application:
        """The chip carries the endorsements (verified). From now on they are in force. Idempotent."""
        ...

    async def cancel(self, number: str, reason: str) -> Application:
        """Nothing was written, nothing will be. Idempotent; Refused once it was confirmed as written."""
        ...
