"""What the front-end accepts in request bodies, as the simulated server checks it. The contract is `openapi.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from kiosk.gateways.sim_faces import Person as Person
from kiosk.gateways.sim_server import Asked


class Identify(Person):
    name: Annotated[str, Field(min_length=1, max_length=200)]


class VehicleKey(Asked):
    plate: Annotated[str, Field(min_length=5, max_length=10)]
    plate_type: Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class VerifyVehicle(VehicleKey):
    proof: Annotated[str, Field(min_length=1, max_length=20)]


class Decide(Person):
    signature_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    recording_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    refusal_noted_by: Annotated[str, Field(max_length=64)] = ""
    waived_at: AwareDatetime
    number: Annotated[str, Field(pattern=r"^([0-9]{15})?$")] = ""


Phone = Annotated[str, Field(pattern=r"^[0-9+ -]{0,20}$")]


class ObjectTo(Person):
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    text: Annotated[str, Field(max_length=500)] = ""
    phone: Phone = ""


class Defend(Person):
    statement: Annotated[str, Field(min_length=1, max_length=2000)]
    phone: Phone = ""


class Hold(Person):
    session: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
    record_ids: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{16}$")]], Field(max_length=200)]


class Release(Asked):
    session: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]


class NumberOf(Asked):
    record_id: Annotated[str, Field(pattern=r"^[0-9]{16}$")]


class FilingOf(Person, VehicleKey):
    pass


class RequestFiling(FilingOf):
    way: Literal["qr", "sms"]


class ConfirmFiling(Asked):
    code: Annotated[str, Field(pattern=r"^[0-9]{4,8}$")]


class PostPayment(Asked):
    amount_fen: Annotated[int, Field(gt=0, le=100_000_000)]
    trade_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z_*-]{1,64}$")]
    paid_at: AwareDatetime


class PayableFine(Asked):
    number: Annotated[str, Field(pattern=r"^[0-9]{15}$")]
    check_char: Annotated[str, Field(pattern=r"^[0-9A-Za-z]?$")] = ""


class BillLine(Asked):
    number: Annotated[str, Field(pattern=r"^[0-9]{15}$")]
    amount_fen: Annotated[int, Field(gt=0, le=100_000_000)]


class MakeBill(Asked):
    order_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,32}$")]
    lines: Annotated[list[BillLine], Field(min_length=1, max_length=50)]
    expires_in_s: Annotated[int, Field(gt=0, le=7200)]
