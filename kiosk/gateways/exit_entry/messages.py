"""What the front-end's JSON answers may look like, checked at the edge, and how they become values of the domain.

Strict in kind (no numbers in strings, no times without a zone), tolerant in extent (unknown members are ignored, members with a
default may be absent). The contract is `openapi.yaml`; these models say the same in Python.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kiosk.domain.endorsement import (
    Application,
    ApplicationState,
    Destination,
    Endorsement,
    Grant,
    RegistryRecord,
)
from kiosk.gateways.rest import Fen, Line, Message

Area = Annotated[str, Field(pattern=r"^([0-9]{6})?$")]
IdNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{15,18}$"), AfterValidator(str.upper)]
"""A final x comes as a small letter now and then."""
PermitNumber = Annotated[str, Field(pattern=r"^[A-Z0-9]{9}$")]
ApplicationNo = Annotated[str, Field(pattern=r"^[0-9]{15}$")]
EndorsementNo = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,32}$")]
OptionId = Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,32}$")]
KindLetter = Annotated[str, Field(pattern=r"^[A-Z]$")]
Entries = Annotated[int, Field(ge=1, le=99)] | None
EntriesLeft = Annotated[int, Field(ge=0, le=99)] | None
Place = Literal["HKG", "MAC", "TWN"]


def _decodes(text: str) -> str:
    """Line breaks between the characters are passed over (RFC 2045 writes them)."""
    joined = "".join(text.split())
    try:
        base64.b64decode(joined, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    return joined


Base64 = Annotated[str, Field(max_length=65_536), AfterValidator(_decodes)]


class EndorsementMessage(Message):
    number: EndorsementNo
    destination: Place
    kind: KindLetter
    entries_left: EntriesLeft
    issued_on: dt.date
    valid_to: dt.date
    entries: Entries = None

    def value(self) -> Endorsement:
        return Endorsement(**{**dict(self), "destination": Destination(self.destination)})


class RegistryMessage(Message):
    id_number: IdNumber
    name: Line
    birth: dt.date
    permit_number: PermitNumber
    permit_valid_to: dt.date
    permit_state: Literal["valid", "lost", "cancelled", "damaged", "replaced"]
    booklet: bool = False
    hukou_area: Area = ""
    residence_area: Area = ""
    # Members that keep somebody from being served have no default: an answer that forgot them must not open the door.
    registered_official: bool
    military: bool
    exit_barred: bool
    false_statement: bool
    data_changed: bool
    review: bool
    first_here: bool = False
    business_filed: bool = False
    papers_for: Annotated[list[KindLetter], Field(max_length=20)] = Field(default_factory=list)
    chip_writes: Annotated[int, Field(ge=0, le=10_000)] = 0
    face_on_file: Literal["ok", "old", "missing"] = "ok"
    endorsements: Annotated[list[EndorsementMessage], Field(max_length=300)]

    def value(self) -> RegistryRecord:
        return RegistryRecord(
            **{
                **dict(self),
                "papers_for": tuple(self.papers_for),
                "endorsements": tuple(held.value() for held in self.endorsements),
            }
        )


class GrantMessage(Message):
    number: EndorsementNo
    option_id: OptionId
    destination: Place
    kind: KindLetter
    entries: Entries
    valid_from: dt.date
    valid_to: dt.date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> GrantMessage:
        if self.valid_to < self.valid_from:
            raise ValueError("an endorsement that ends before it begins")
        return self

    def value(self) -> Grant:
        return Grant(**{**dict(self), "destination": Destination(self.destination)})


class ApplicationMessage(Message):
    number: ApplicationNo
    state: Literal["accepted", "authorised", "written", "cancelled"]
    fee_fen: Fen
    grants: Annotated[list[GrantMessage], Field(max_length=8)] = Field(default_factory=list)
    write_data: Base64 = ""

    @model_validator(mode="after")
    def _authorised_is_complete(self) -> ApplicationMessage:
        if self.state == "authorised" and not (self.grants and self.write_data):
            raise ValueError("authorised, and not said what to write")
        if len({grant.number for grant in self.grants}) != len(self.grants):
            raise ValueError("two grants with one number")
        return self

    def value(self) -> Application:
        return Application(
            number=self.number,
            state=ApplicationState(self.state),
            fee_fen=self.fee_fen,
            grants=tuple(grant.value() for grant in self.grants),
            write_data=base64.b64decode(self.write_data),
        )
