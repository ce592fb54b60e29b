"""The kiosk's client of the police front-end: `PolicePlatform` over the REST contract in `openapi.yaml`.

How answers are read: see `kiosk.gateways.rest`. Before a write is repeated the caller asks (`find_decision`, `fine_status`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from kiosk.domain.errors import Refused
from kiosk.domain.fine import BookedPayment, PayableFine
from kiosk.domain.identity import Photo
from kiosk.domain.rules_fine import PAID
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
from kiosk.gateways.http import Endpoint
from kiosk.gateways.police import messages as m
from kiosk.gateways.police import messages_filing as f
from kiosk.gateways.rest import RestClient
from kiosk.ports.devices import FaceMatch

NAME = "police"


class PoliceClient(RestClient):
    """`PolicePlatform` over HTTP, plus `holidays` and `health`. Safe to share between sessions; close it with `aclose`.

    Raises ValueError at construction for an unusable endpoint.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(NAME, endpoint)
        self.endpoint = endpoint
        """The front-end's, for its other counters."""

    async def identify(self, id_number: str, name: str) -> Driver | None:
        body = {"id_number": id_number, "name": name}
        found = await self._ask("identify", "v1/drivers/identify", m.DriverMessage, body, none="no_licence")
        return found.value() if found else None

    async def police_photo(self, id_number: str) -> Photo | None:
        return await self._ask_photo("police_photo", "v1/persons/photo", {"id_number": id_number})

    async def match_face(self, id_number: str, live: Photo) -> FaceMatch:
        return await self._compare_face(id_number, live)

    async def vehicles(self, id_number: str) -> Sequence[Vehicle]:
        said = await self._must("vehicles", "v1/persons/vehicles", m.VehiclesMessage, {"id_number": id_number})
        return tuple(vehicle.value() for vehicle in said.vehicles)

    async def verify_vehicle(self, plate: str, plate_type: str, proof: str) -> Vehicle | None:
        body = {"plate": plate, "plate_type": plate_type, "proof": proof}
        found = await self._ask("verify_vehicle", "v1/vehicles/verify", m.VehicleMessage, body, none="no_match")
        if found is None:
            return None
        self._same("verify_vehicle", (found.plate, found.plate_type), (plate, plate_type), "vehicle")
        return found.value()

    async def open_records(self, plate: str, plate_type: str) -> Sequence[ViolationRecord]:
        body = {"plate": plate, "plate_type": plate_type}
        said = await self._must("open_records", "v1/vehicles/records", m.RecordsMessage, body)
        for record in said.records:
            self._same("open_records", (record.plate, record.plate_type), (plate, plate_type), "vehicle")
        return tuple(record.value() for record in said.records)

    async def evidence(self, record_id: str) -> Sequence[Photo]:
        path = f"v1/records/{_in_path(record_id)}/evidence"
        listed = await self._must("evidence", path, m.EvidenceMessage)
        photos = []
        for entry in sorted(listed.pictures, key=lambda picture: picture.index):
            answer = await self._send("evidence_picture", "GET", f"{path}/{entry.index}", picture=True)
            photo = self._picture("evidence_picture", answer)
            if entry.sha256 and hashlib.sha256(photo.data).hexdigest() != entry.sha256:
                raise self._http.unavailable("evidence_picture", "the picture is not the one that was listed (sha256)")
            photos.append(photo)
        return tuple(photos)

    async def handled(self, id_number: str) -> Sequence[HandledRecord]:
        said = await self._must("handled", "v1/persons/handled", m.HandledMessage, {"id_number": id_number})
        return tuple(record.value() for record in said.records)

    async def hold(self, record_ids: Sequence[str], id_number: str, session: str) -> Sequence[str]:
        body = {"session": session, "id_number": id_number, "record_ids": list(record_ids)}
        said = await self._must("hold", "v1/holds", m.HoldMessage, body)
        self._same("hold", said.session, session, "session")
        if not set(said.held_elsewhere) <= set(record_ids):
            raise self._http.unavailable("hold", "the answer names records that were not asked for")
        return tuple(said.held_elsewhere)

    async def release(self, session: str) -> None:
        said = await self._must("release", "v1/holds/release", m.ReleaseMessage, {"session": session})
        self._same("release", said.session, session, "session")

    async def reserve_number(self, record_id: str, idempotency_key: str) -> ReservedNumber | None:
        path = f"v1/records/{_in_path(record_id)}/number"
        found = await self._ask("reserve_number", path, m.NumberMessage, {}, none="no_pool", key=idempotency_key)
        if found is None:
            return None
        self._same("reserve_number", found.record_id, record_id, "record")
        return found.value()

    async def commit_number(self, number: str, record_id: str) -> None:
        await self._number("commit_number", number, record_id, "commit", "committed")

    async def roll_back_number(self, number: str, record_id: str) -> None:
        await self._number("roll_back_number", number, record_id, "roll-back", "free")

    async def _number(self, operation: str, number: str, record_id: str, verb: str, state: str) -> None:
        path = f"v1/numbers/{_in_path(number)}/{verb}"
        said = await self._must(operation, path, m.NumberStateMessage, {"record_id": record_id})
        # An answer about another number, or one that leaves it as it was, is no evidence that ours was booked.
        self._same(operation, (said.number, said.state), (number, state), "number")

    async def decide(
        self, record_id: str, id_number: str, consent: Consent, idempotency_key: str, number: str = ""
    ) -> Decision:
        told = {
            "signature_sha256": consent.signature_sha256,
            "recording_sha256": consent.recording_sha256,
            "refusal_noted_by": consent.refusal_noted_by,
            "number": number,
        }
        body = {"id_number": id_number, "waived_at": consent.waived_at}
        body |= {name: value for name, value in told.items() if value}
        path = f"v1/records/{_in_path(record_id)}/decision"
        said = await self._must("decide", path, m.DecisionMessage, body, key=idempotency_key)
        self._same("decide", said.record_id, record_id, "record")
        if number:
            self._same("decide", said.number, number, "number")
        return said.value()

    async def find_decision(self, record_id: str) -> Decision | None:
        path = f"v1/records/{_in_path(record_id)}/decision"
        found = await self._ask("find_decision", path, m.DecisionMessage, none="no_decision")
        if found is None:
            return None
        self._same("find_decision", found.record_id, record_id, "record")
        return found.value()

    async def defend(self, record_id: str, id_number: str, statement: str, phone: str, idempotency_key: str) -> str:
        body = {"id_number": id_number, "statement": statement, "phone": phone}
        path = f"v1/records/{_in_path(record_id)}/defences"
        said = await self._must("defend", path, m.DefenceMessage, body, key=idempotency_key)
        return said.defence_no

    async def object_to(
        self, record_id: str, id_number: str, reason: str, idempotency_key: str, text: str = "", phone: str = ""
    ) -> str:
        body = {"id_number": id_number, "reason": reason} | ({"text": text} if text else {})
        body |= {"phone": phone} if phone else {}
        path = f"v1/records/{_in_path(record_id)}/objections"
        said = await self._must("object_to", path, m.ObjectionMessage, body, key=idempotency_key)
        return said.objection_no

    async def filing_standing(self, id_number: str, plate: str, plate_type: str) -> FilingStanding:
        body = {"id_number": id_number, "plate": plate, "plate_type": plate_type}
        said = await self._must("filing_standing", "v1/filings/standing", f.StandingMessage, body)
        return said.value()

    async def request_filing(
        self, id_number: str, plate: str, plate_type: str, way: str, idempotency_key: str
    ) -> Filing:
        body = {"id_number": id_number, "plate": plate, "plate_type": plate_type, "way": way}
        said = await self._must("request_filing", "v1/filings", f.FilingMessage, body, key=idempotency_key)
        self._same("request_filing", said.way, way, "way")
        return said.value()

    async def filing(self, filing_id: str) -> Filing:
        return await self._filing("filing", filing_id)

    async def confirm_filing(self, filing_id: str, code: str) -> Filing:
        return await self._filing("confirm_filing", filing_id, "/confirm", {"code": code})

    async def withdraw_filing(self, filing_id: str) -> None:
        await self._filing("withdraw_filing", filing_id, "/withdraw", {})

    async def _filing(
        self, operation: str, filing_id: str, tail: str = "", body: dict[str, Any] | None = None
    ) -> Filing:
        if not re.fullmatch(f.FILING_ID, filing_id):
            raise ValueError("a filing's number is letters, digits and hyphens")
        said = await self._must(operation, f"v1/filings/{filing_id}{tail}", f.FilingMessage, body)
        self._same(operation, said.filing_id, filing_id, "filing")
        return said.value()

    async def fine_status(self, decision_no: str) -> FineStatus:
        said = await self._must("fine_status", f"v1/decisions/{_in_path(decision_no)}/fine", m.FineMessage)
        self._same("fine_status", said.number, decision_no, "decision")
        return said.value()

    async def ebill(self, decision_no: str) -> EBill | None:
        path = f"v1/decisions/{_in_path(decision_no)}/ebill"
        found = await self._ask("ebill", path, m.EBillMessage, none="no_ebill")
        if found is None:
            return None
        self._same("ebill", found.decision_no, decision_no, "decision")
        return found.value()

    async def payable_fine(self, decision_no: str, check_char: str = "") -> PayableFine:
        body = {"number": _in_path(decision_no)} | ({"check_char": check_char} if check_char else {})
        said = await self._must("payable_fine", "v1/decisions/query", m.PayableFineMessage, body)
        self._same("payable_fine", said.number, decision_no, "decision")
        return said.value()

    async def find_payment(self, decision_no: str) -> BookedPayment | None:
        path = f"v1/decisions/{_in_path(decision_no)}/payment"
        found = await self._ask("find_payment", path, m.PaymentMessage, none="no_payment")
        if found is None:
            return None
        self._same("find_payment", found.number, decision_no, "decision")
        return found.value()

    async def post_payment(
        self, decision_no: str, amount_fen: int, trade_no: str, paid_at: str, idempotency_key: str
    ) -> None:
        """A cashier that answers "paid already" is asked by which trade: by ours it is booked, whatever the cashier calls that."""
        body = {"amount_fen": amount_fen, "trade_no": trade_no, "paid_at": paid_at}
        path = f"v1/decisions/{_in_path(decision_no)}/payment"
        try:
            said = await self._must("post_payment", path, m.PaymentMessage, body, key=idempotency_key)
        except Refused as no:
            if no.code not in PAID:
                raise
            booked = await self.find_payment(decision_no)
            if booked is None or (booked.trade_no, booked.amount_fen) != (trade_no, amount_fen):
                raise
            return
        # An answer about another payment is no evidence that ours was booked.
        self._same("post_payment", said.number, decision_no, "decision")
        self._same("post_payment", (said.trade_no, said.amount_fen), (trade_no, amount_fen), "payment")

    async def holidays(self, year: int) -> m.HolidaysMessage:
        """The platform's holidays and moved working days of one year (State Council notice). Refused: not known yet."""
        said = await self._must("holidays", f"v1/holidays/{year:d}", m.HolidaysMessage)
        self._same("holidays", said.year, year, "year")
        return said


def _in_path(number: str) -> str:
    """Only digits go into a path, so that no caller can put a name, an ID number or another path there."""
    if not re.fullmatch(r"[0-9]{15,16}", number):
        raise ValueError("a record has 16 digits and a decision 15")
    return number
