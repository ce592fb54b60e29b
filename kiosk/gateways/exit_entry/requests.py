"""What the front-end accepts in request bodies, as the simulated server checks it. The contract is `openapi.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from kiosk.gateways.sim_faces import IdNumber
from kiosk.gateways.sim_server import Asked

PermitNumber = Annotated[str, Field(pattern=r"^[A-Z0-9]{9}$")]


class Permit(Asked):
    permit_number: PermitNumber


class Query(Permit):
    id_number: IdNumber


class Apply(Query):
    options: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,32}$")]], Field(min_length=1, max_length=4)
    ]
    fee_fen: Annotated[int, Field(ge=0, le=100_000_000)]
    phone: Annotated[str, Field(pattern=r"^1[0-9]{10}$")]


class Authorise(Asked):
    amount_fen: Annotated[int, Field(ge=0, le=100_000_000)]
    trade_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z_*-]{1,64}$")]
    paid_at: AwareDatetime


class Confirm(Asked):
    printed: bool


class Cancel(Asked):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class DraftPhoto(Asked):
    media_type: Literal["image/jpeg", "image/png"]
    data: Annotated[str, Field(min_length=16)]
    """Base64 (RFC 4648 section 4)."""


class SubmitDraft(Asked):
    form_id: Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=24)]
    form_version: Annotated[int, Field(ge=1, le=999)]
    values: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")],
            Annotated[str, Field(min_length=1, max_length=400)],
        ],
        Field(max_length=128),
    ]
    photo: DraftPhoto | None = None
    revision: Annotated[int, Field(ge=0)] = 0
