"""What the front-end accepts in request bodies, as the simulated server checks it. The contract is `openapi.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

IdNumber = Annotated[str, Field(pattern=r"^[0-9A-Z]{15,18}$")]


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


class Person(_Request):
    id_number: IdNumber


class Identify(Person):
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Picture(_Request):
    media_type: Literal["image/jpeg", "image/png", "image/bmp"]
    data: Annotated[str, Field(min_length=16)]
    """Base64 (RFC 4648 section 4)."""


class MatchFace(Person):
    photo: Picture


class VehicleKey(_Request):
    plate: Annotated[str, Field(min_length=5, max_length=10)]
    plate_type: Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class VerifyVehicle(VehicleKey):
    proof: Annotated[str, Field(min_length=1, max_length=20)]


class Decide(Person):
    signature_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    waived_at: AwareDatetime


class ObjectTo(Person):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class PostPayment(_Request):
    amount_fen: Annotated[int, Field(gt=0, le=100_000_000)]
    trade_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z_*-]{1,64}$")]
    paid_at: AwareDatetime


Q = TypeVar("Q", bound=_Request)


def read(kind: type[Q], content_type: str, body: bytes) -> Q:
    """The request in a JSON body. Raises ValueError naming the member at fault, never its value."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ValueError("the body must be application/json")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['type']}") from None
