"""What a scenario's citizen wants of the application form, and answers where it asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="a field's key, as phone")]
Answer = Annotated[str, Field(max_length=200)]
Spelling = Annotated[str, Field(pattern=r"^[A-Z]{1,8}$", description="capital letters")]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class ApplicantData:
    answers: Mapping[Key, Answer] = Field(default_factory=dict, repr=False)
    """By field key, as the form's table has them; what is missing here stays as the machine filled it, or empty."""
    readings: tuple[Spelling, ...] = ()
    """Chosen for the characters with several readings, in their order; the first that is offered for those beyond."""
    surname_length: Annotated[int, Field(ge=1, le=20)] | None = None
    """Where the name divides, when the citizen is asked; None: where the machine thinks."""
    photo: Literal["camera", "receipt", "later"] = "later"
    receipt: Annotated[str, Field(pattern=r"^[0-9A-Z -]{0,40}$", description="capital letters and digits")] = ""
    brings: Mapping[Key, Answer] = Field(default_factory=dict, repr=False)
    """Filled on a phone beforehand and shown as a signed code."""
    phone_of: Literal["self", "stranger", "forger"] = "self"
    """Whose the code on the phone is; `forger`: signed with a key nobody trusts."""
    changes: Mapping[Key, Mapping[Key, Answer]] = Field(default_factory=dict, repr=False)
    """Thought better of on the page of all answers: by id of the question opened again, what is answered then."""
    retakes: Annotated[int, Field(ge=0, le=5)] = 0
    """How often the photo is taken once more."""
    goes_back: bool = False
    """From the preview to the answers, once."""
    retries: Annotated[int, Field(ge=0, le=5)] = 0
    """How often printing is tried again where it failed."""
    reprints: Annotated[int, Field(ge=0, le=5)] = 0
    """How often one more print is asked for."""
    sees_paper: bool = True
    """What the citizen says where the printer does not know whether paper came out."""
