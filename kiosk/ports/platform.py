"""What a journey may ask of the traffic-police platform. The wire contract is `kiosk/gateways/police/openapi.yaml`.

Every method raises `GatewayUnavailable` when no usable answer came (the effect is then *unknown*) and `Refused` when the
platform answered no.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk.domain.fine import BookedPayment, PayableFine
from kiosk.domain.identity import Photo
from kiosk.domain.violation import Decision, Driver, FineStatus, Vehicle, ViolationRecord
from kiosk.ports.devices import FaceMatch


class PolicePlatform(Protocol):
    async def identify(self, id_number: str, name: str) -> Driver | None:
        """The driving-licence file of this person, None where there is none (E05)."""
        ...

    async def police_photo(self, id_number: str) -> Photo | None:
        """The platform's own photo of this person, for the 1:1 check where the chip photo cannot be decoded."""
        ...

    async def match_face(self, id_number: str, live: Photo) -> FaceMatch:
        """1:1 comparison done by the platform's service."""
        ...

    async def vehicles(self, id_number: str) -> Sequence[Vehicle]:
        """Own and filed vehicles."""
        ...

    async def verify_vehicle(self, plate: str, plate_type: str, proof: str) -> Vehicle | None:
        """The vehicle, if `proof` is the last six characters of its VIN or engine number; None when they do not match (V01)."""
        ...

    async def open_records(self, plate: str, plate_type: str) -> Sequence[ViolationRecord]: ...

    async def evidence(self, record_id: str) -> Sequence[Photo]:
        """Up to three pictures."""
        ...

    async def decide(
        self, record_id: str, id_number: str, signature_sha256: str, waived_at: str, idempotency_key: str
    ) -> Decision:
        """Issue the penalty decision for one record. Same key, same decision; a second key for a decided record is Refused."""
        ...

    async def find_decision(self, record_id: str) -> Decision | None:
        """The decision made on this record, None where there is none. Asked before any retry of `decide`."""
        ...

    async def object_to(self, record_id: str, id_number: str, reason: str, idempotency_key: str) -> str:
        """File an objection (公安部令105 第22条); returns its number. The record stays open."""
        ...

    async def fine_status(self, decision_no: str) -> FineStatus: ...

    async def payable_fine(self, decision_no: str, check_char: str = "") -> PayableFine:
        """What anybody who has the number may pay, wherever the decision was made. Refused with the cashier's own result code
        (unknown_decision, B2322, B2329 …) where it cannot say; see `kiosk.domain.rules_fine`."""
        ...

    async def find_payment(self, decision_no: str) -> BookedPayment | None:
        """What is on the books for this decision, None for nothing. Asked before a posting whose answer never came is repeated."""
        ...

    async def post_payment(
        self, decision_no: str, amount_fen: int, trade_no: str, paid_at: str, idempotency_key: str
    ) -> None:
        """Record that this fine was paid. Idempotent by decision number: "already paid" by the same trade is success."""
        ...
