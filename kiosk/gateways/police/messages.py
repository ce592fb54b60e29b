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
from kiosk.domain.violation import Decision, Driver, FineStatus, Vehicle, ViolationRecord
from kiosk.gateways.rest import Fen, Line, Message
from kiosk.gateways.rest import read as read
from kiosk.ports.clock import SHANGHAI

Points = Annotated[int, Field(ge=0, le=99)]
Optional = Annotated[str, Field(max_length=2000)]
RecordId = Annotated[str, Field(pattern=r"^[0-9]{16}$")]
DecisionNo = Annotated[str, Field(pattern=r"^[0-9]{15}$")]
Plate = Annotated[str, Field(min_length=5, max_length=10)]
PlateType = Annotated[str, Field(pattern=r"^[0-9]{2}$")]


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(SHANGHAI)


Moment = Annotated[AwareDatetime, AfterValidator(_local)]


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

    def value(self) -> Driver:
        return Driver(**dict(self))


class VehicleMessage(Message):
    plate: Plate
    plate_type: PlateType
    relation: Literal["own", "filed", "typed"]
    use: Annotated[str, Field(max_length=4)] = "A"
    vehicle_type: Annotated[str, Field(max_length=8)] = "K33"
    status: Annotated[str, Field(pattern=r"^[A-Z]{1,12}$")] = "A"
    filed_on: dt.date | None = None
    inspection_to: dt.date | None = None

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
    state: Literal["open", "objected", "auditing", "correcting"] = "open"

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

    @model_validator(mode="after")
    def _a_fine_has_a_deadline(self) -> DecisionMessage:
        if self.fine_fen and self.deadline is None:
            raise ValueError("a fine without a deadline")
        return self

    def value(self) -> Decision:
        return Decision(**dict(self))


class ObjectionMessage(Message):
    objection_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,32}$")]


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
