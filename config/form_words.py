"""The words of a form's table: where a value comes from, what it must be, when it is asked, how fields agree.

Every word a hall's form may use is in one of these lists; nothing in a file is run as code. `docs/forms.md` explains them to whoever
writes a form.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Limits
from pydantic import model_validator

from config.form_page import StrictTable

Source = Literal["id", "derived", "user", "system"]
"""Where a value comes from: the identity card's chip; worked out by the machine, to be confirmed; the citizen; the hall's systems."""
Kind = Literal["text", "boxes", "tick", "date", "photo", "barcode", "choice", "matrix"]
"""`boxes`: one character in each of equal boxes. `tick`: "1" or nothing. `date`: ISO 8601. `choice`, `matrix`: the code of one option;
a choice is told as a row of ticks, a matrix puts every option into a cell of its own."""
Format = Literal[
    "name",
    "pinyin",
    "mobile",
    "any_phone",
    "citizen_id",
    "hkid",
    "macao_id",
    "hkmo_id",
    "postcode",
    "past_date",
    "future_date",
]
"""What a text must be, beyond its pattern."""
Operator = Literal[
    "requires_one_of",
    "at_most_one_of",
    "requires_all",
    "differs_from",
    "same_as",
    "not_before",
    "not_after",
    "has_format",
    "agrees_with_id_birth",
    "agrees_with_id_sex",
    "age_at_least",
    "age_below",
]
"""How fields must agree. `differs_from`, `same_as`, `not_before`, `not_after`: the first field against the second. `agrees_…`: the first
field against the identity number in the second. `age_…`: told at the first field, of the day of birth in the second, against `years`."""
Fill = Literal[
    "card.name",
    "card.surname",
    "card.given",
    "card.surname_pinyin",
    "card.given_pinyin",
    "card.number",
    "card.sex",
    "card.nation",
    "card.birth",
    "card.address",
    "card.area",
    "card.province",
    "card.applicant_class",
    "card.issuer",
    "card.valid_from",
    "card.valid_to",
    "hall.photo_receipt",
    "hall.appointment",
]
"""What the identity card, or a derivation from it, can fill; and what the hall's systems or a paper of theirs give on the way."""
CardName = Literal["resident", "hmt_resident", "foreigner"]
"""居民身份证; residence permits of Hong Kong, Macao and Taiwan residents; residence permits of foreigners."""
Keys = Literal["digits", "letters", "hanzi", "address", "document", "date", "none"]
"""Which keys the citizen needs. `address`: the area from lists, the rest with those of hanzi."""

Key = Annotated[str, Limits(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Sentence = Annotated[str, Limits(min_length=1, max_length=120)]


class Option(StrictTable):
    code: str = Limits(min_length=1, max_length=20)
    text: str = Limits(min_length=1, max_length=40)
    hint: str = ""


class Condition(StrictTable):
    """True or false of a record. Exactly one of the words; `equals`, `in` and `present` speak of `field`.

    A field that is not asked counts as empty.
    """

    field: Key | None = None
    equals: str | None = None
    among: tuple[str, ...] | None = Limits(default=None, alias="in", min_length=1)
    present: bool | None = None
    all_of: tuple[Condition, ...] | None = Limits(default=None, min_length=1)
    any_of: tuple[Condition, ...] | None = Limits(default=None, min_length=1)
    none_of: tuple[Condition, ...] | None = Limits(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_word(self) -> Self:
        of_field = [w for w in (self.equals, self.among, self.present) if w is not None]
        of_parts = [w for w in (self.all_of, self.any_of, self.none_of) if w is not None]
        if len(of_field) + len(of_parts) != 1 or bool(of_field) != (self.field is not None):
            raise ValueError(
                "a condition is `field` with one of equals, in, present; or one of all_of, any_of, none_of"
            )
        return self

    @property
    def fields(self) -> frozenset[str]:
        """Every field it asks about."""
        parts = (*(self.all_of or ()), *(self.any_of or ()), *(self.none_of or ()))
        return frozenset({self.field} if self.field else ()).union(*(part.fields for part in parts))


class Carry(StrictTable):
    """What an older form takes over from the merged one: `text`, or the values of `keys` one after the other."""

    keys: tuple[Key, ...] = ()
    text: str = ""
    when: Condition | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if bool(self.keys) == bool(self.text):
            raise ValueError("give either `keys` or `text`")
        return self
