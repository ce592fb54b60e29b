"""What the front-end's JSON answers may look like, checked at the edge, and how they become values of the domain.

Strict in kind (no numbers in strings, no dates without a zone), tolerant in extent (unknown members are ignored, members
with a default may be absent). The contract is `openapi.yaml`; these models say the same in Python.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from kiosk.domain.fine import BookedPayment, FineState, PayableFine
from kiosk.domain.identity import mask_name
from kiosk.domain.plate import mask_plate
from kiosk.domain.violation import (
    Decision,
    Driver,
    EBill,
    FineStatus,
    HandledRecord,
    Period,
    ReservedNumber,
    Vehicle,
    ViolationRecord,
)
from kiosk.gateways.rest import Fen, Line, Message
from kiosk.gateways.rest import read as read
from kiosk.ports.clock import SHANGHAI

Points = Annotated[int, Field(ge=0, le=99)]
Optional = Annotated[str, Field(max_length=2000)]
RecordId = Annotated[str, Field(pattern=r"^[0-9]{16}$")]
DecisionNo = Annotated[str, Field(pattern=r"^[0-9]{15}$")]
Plate = Annotated[str, Field(min_length=5, max_length=10)]
PlateType = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
Count = Annotated[int, Field(ge=0, le=10_000)]


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(SHANGHAI)


Moment = Annotated[AwareDatetime, AfterValidator(_local)]


class PeriodMessage(Message):
    first: dt.date
    last: dt.date | None = None

    def value(self) -> Period:
        return Period(self.first, self.last)


class DriverMessage(Message):
    licence_no: Line
    name: Line
    file_no: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    issued_by: Line
    licence_class: Line
    status: Annotated[str, Field(pattern=r"^[A-Z]{1,12}$")]
    first_issued: dt.date
    valid_to: dt.date | None
    points: Points
    # A kind unknown here is no usable answer: the rules could not say that it may handle.
    kind: Literal["civil", "temporary", "foreign", "military"] = "civil"
    full_point_courses: Count = 0
    suspected_proxy: bool = False
    not_valid: Annotated[tuple[PeriodMessage, ...], Field(max_length=100)] = ()

    def value(self) -> Driver:
        return Driver(**dict(self) | {"not_valid": tuple(period.value() for period in self.not_valid)})


class VehicleMessage(Message):
    plate: Plate
    plate_type: PlateType
    relation: Literal["own", "filed", "typed"]
    use: Annotated[str, Field(max_length=4)] = "A"
    vehicle_type: Annotated[str, Field(max_length=8)] = "K33"
    status: Annotated[str, Field(pattern=r"^[A-Z]{1,12}$")] = "A"
    filed_on: dt.date | None = None
    inspection_to: dt.date | None = None
    owner: Literal["person", "unit"] = "person"
    insured_to: dt.date | None = None
    licences_used: Count = 0
    licence_among_them: bool = False

    def value(self) -> Vehicle:
        return Vehicle(**dict(self))


class VehiclesMessage(Message):
    vehicles: Annotated[list[VehicleMessage], Field(max_length=200)]


class RecordMessage(Message):
    record_id: RecordId
    plate: Plate
    plate_type: PlateType
    at: Moment
    place: Line
    code: Annotated[str, Field(pattern=r"^[0-9]{4}[0-9A-Za-z]{0,2}$")]
    act: Line
    fine_fen: Fen
    points: Points
    authority: Line
    authority_code: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Literal["local", "province", "other"]
    provisions: Optional
    basis: Optional
    penalty: Literal["warning", "fine", "other"] = "fine"
    handled: bool = False
    measured: Optional = ""
    limit: Optional = ""
    photos: Annotated[int, Field(ge=0, le=3)] = 0
    state: Literal["open", "objected", "auditing", "correcting", "held"] = "open"
    under_case: bool = False

    def value(self) -> ViolationRecord:
        return ViolationRecord(**dict(self))


class RecordsMessage(Message):
    records: Annotated[list[RecordMessage], Field(max_length=1000)]


class PictureMessage(Message):
    index: Annotated[int, Field(ge=1, le=3)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class EvidenceMessage(Message):
    pictures: Annotated[list[PictureMessage], Field(max_length=3)]


class DecisionMessage(Message):
    number: DecisionNo
    check_char: Annotated[str, Field(pattern=r"^[0-9A-Za-z]$")]
    record_id: RecordId
    decided_at: Moment
    fine_fen: Fen
    points: Points
    points_total: Points
    deadline: dt.date | None
    authority: Line
    officer: Annotated[str, Field(max_length=200)] = ""
    refused_to_sign: bool = False

    @model_validator(mode="after")
    def _a_fine_has_a_deadline(self) -> DecisionMessage:
        if self.fine_fen and self.deadline is None:
            raise ValueError("a fine without a deadline")
        return self

    def value(self) -> Decision:
        return Decision(**dict(self))


class ObjectionMessage(Message):
    objection_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,32}$")]


class HandledRecordMessage(Message):
    record_id: RecordId
    plate: Plate
    plate_type: PlateType
    relation: Literal["own", "filed", "other"]
    at: Moment
    authority_code: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    points: Points

    def value(self) -> HandledRecord:
        return HandledRecord(**dict(self))


class HandledMessage(Message):
    records: Annotated[list[HandledRecordMessage], Field(max_length=1000)]


class HoldMessage(Message):
    session: Line
    held_elsewhere: Annotated[list[RecordId], Field(max_length=1000)]


class ReleaseMessage(Message):
    session: Line


class NumberMessage(Message):
    number: DecisionNo
    record_id: RecordId
    expires_at: Moment | None = None

    def value(self) -> ReservedNumber:
        return ReservedNumber(self.number, self.record_id, self.expires_at)


class NumberStateMessage(Message):
    number: DecisionNo
    state: Literal["committed", "free"]


class DefenceMessage(Message):
    defence_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,32}$")]


class EBillMessage(Message):
    decision_no: DecisionNo
    state: Literal["issuing", "issued"]
    code: Annotated[str, Field(pattern=r"^([0-9]{8})?$")] = ""
    number: Annotated[str, Field(pattern=r"^([0-9]{10})?$")] = ""
    check: Annotated[str, Field(pattern=r"^([0-9A-Za-z]{6})?$")] = ""
    url: Annotated[str, Field(pattern=r"^(https?://[!-~]{1,1000})?$")] = ""

    @model_validator(mode="after")
    def _an_issued_one_is_whole(self) -> EBillMessage:
        if self.state == "issued" and not (self.code and self.number and self.check):
            raise ValueError("an issued bill without its numbers")
        return self

    def value(self) -> EBill:
        return EBill(self.state, self.code, self.number, self.check, self.url)


class FineMessage(Message):
    number: DecisionNo
    principal_fen: Fen
    surcharge_fen: Fen
    deadline: dt.date | None
    paid: bool

    def value(self) -> FineStatus:
        return FineStatus(**dict(self))


class PayableFineMessage(Message):
    number: DecisionNo
    check_char: Annotated[str, Field(pattern=r"^[0-9A-Za-z]?$")] = ""
    decided_at: Moment
    party: Line
    act: Line
    authority: Line
    authority_code: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    principal_fen: Fen
    surcharge_fen: Fen | None
    deadline: dt.date | None
    state: FineState
    plate: Annotated[str, Field(max_length=20)] = ""
    happened_at: Moment | None = None
    place: Annotated[str, Field(max_length=200)] = ""
    code: Annotated[str, Field(pattern=r"^([0-9]{4}[0-9A-Za-z]{0,2})?$")] = ""

    def value(self) -> PayableFine:
        """A name or a plate that came whole is masked here: whoever types a number need not be the party."""
        party = self.party if "*" in self.party else mask_name(self.party)
        plate = self.plate if "*" in self.plate or not self.plate else mask_plate(self.plate)
        return PayableFine(**dict(self) | {"party": party, "plate": plate})


class PaymentMessage(Message):
    number: DecisionNo
    trade_no: Line
    amount_fen: Fen
    paid_at: Moment

    def value(self) -> BookedPayment:
        return BookedPayment(self.number, self.trade_no, self.amount_fen, self.paid_at)


class HolidaysMessage(Message):
    year: Annotated[int, Field(ge=2000, le=2100)]
    holidays: Annotated[list[dt.date], Field(max_length=366)]
    workdays: Annotated[list[dt.date], Field(max_length=366)]
