"""What a journey may ask of the traffic-police platform. The wire contract is `kiosk/gateways/police/openapi.yaml`.

Every method raises `GatewayUnavailable` when no usable answer came (the effect is then *unknown*) and `Refused` when the
platform answered no.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk.domain.fine import BookedPayment, PayableFine
from kiosk.domain.identity import Photo
from kiosk.domain.violation import (
    Consent,
    Decision,
    Driver,
    EBill,
    Filing,
    FilingStanding,
    FineStatus,
    HandledRecord,
    ReservedNumber,
    Vehicle,
    ViolationRecord,
)
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

    async def handled(self, id_number: str) -> Sequence[HandledRecord]:
        """What this person took in the present points cycle, own and others' vehicles, at any place (S1, W10)."""
        ...

    async def hold(self, record_ids: Sequence[str], id_number: str, session: str) -> Sequence[str]:
        """Keep records for this visit; the ids that another session holds (W11). Ends by itself after ten minutes; the same session
        again begins anew and adds to what it holds."""
        ...

    async def release(self, session: str) -> None:
        """Give back what this visit holds and did not handle. Nothing held is no mistake."""
        ...

    async def reserve_number(self, record_id: str, idempotency_key: str) -> ReservedNumber | None:
        """A decision number of the pool of the record's authority; same key, same number. None: the platform numbers by itself.
        Refused with pool_exhausted where the authority has none left."""
        ...

    async def commit_number(self, number: str, record_id: str) -> None:
        """Tell that the number was used. Idempotent; Refused with number_unused where no decision bears it."""
        ...

    async def roll_back_number(self, number: str, record_id: str) -> None:
        """Give an unused number back. Idempotent; Refused with number_used where a decision bears it."""
        ...

    async def decide(
        self, record_id: str, id_number: str, consent: Consent, idempotency_key: str, number: str = ""
    ) -> Decision:
        """Issue the penalty decision for one record, under a reserved number where there is one. Same key, same decision; a second
        key for a decided record is Refused."""
        ...

    async def find_decision(self, record_id: str) -> Decision | None:
        """The decision made on this record, None where there is none. Asked before any retry of `decide`."""
        ...

    async def defend(self, record_id: str, id_number: str, statement: str, phone: str, idempotency_key: str) -> str:
        """File a statement or defence before a decision (行政处罚法 第45条); its number. The record stays undecided and is listed as
        `auditing` until the authority has heard it."""
        ...

    async def object_to(
        self, record_id: str, id_number: str, reason: str, idempotency_key: str, text: str = "", phone: str = ""
    ) -> str:
        """File an objection (公安部令105 第22条); returns its number. The record stays open."""
        ...

    async def filing_standing(self, id_number: str, plate: str, plate_type: str) -> FilingStanding:
        """What V04's bounds are counted from, for this person and this vehicle."""
        ...

    async def request_filing(
        self, id_number: str, plate: str, plate_type: str, way: str, idempotency_key: str
    ) -> Filing:
        """Ask the owner: by a QR code the owner scans in the national app (`qr`), or by a code sent to the owner's telephone (`sms`).
        Refused: V04's bounds (filing_limit, filing_not_allowed), already_filed, no_phone."""
        ...

    async def filing(self, filing_id: str) -> Filing:
        """How it stands now. Refused with unknown_filing."""
        ...

    async def confirm_filing(self, filing_id: str, code: str) -> Filing:
        """With the code from the owner's telephone. Refused with wrong_code (three tries, then expired; the same code again is the
        same try) or filing_closed. Asked for a filed one it answers as it stands."""
        ...

    async def withdraw_filing(self, filing_id: str) -> None:
        """The citizen no longer asks, or dissolves what was filed. Idempotent."""
        ...

    async def fine_status(self, decision_no: str) -> FineStatus: ...

    async def ebill(self, decision_no: str) -> EBill | None:
        """The finance office's electronic bill; `issuing` while it is being made. None where there is none (nothing was paid)."""
        ...

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
