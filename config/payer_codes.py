"""`payer_codes.toml`: whose payment code a payer holds up, by first digits and length, and what the other codes are called."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.tables import Mark, TablesError
from config.toml_file import read_toml

FILE = "payer_codes.toml"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_TwoDigits = Annotated[int, Field(ge=10, le=99)]
_Length = Annotated[int, Field(ge=8, le=64)]


class WalletCodes(_Table):
    """The payment codes of one wallet. `first` and `length` are ranges that include both ends."""

    id: str = Field(pattern=r"^[a-z]{1,16}$")
    name: str = Field(min_length=1)
    first: tuple[_TwoDigits, _TwoDigits]
    length: tuple[_Length, _Length]
    confidence: Mark

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first[0] > self.first[1] or self.length[0] > self.length[1]:
            raise ValueError(f"{self.id}: a range ends before it begins")
        return self

    def begins(self, digits: str) -> bool:
        return self.first[0] <= int(digits[:2]) <= self.first[1]

    def takes(self, digits: str) -> bool:
        return self.begins(digits) and self.length[0] <= len(digits) <= self.length[1]


class OtherCode(_Table):
    """A kind of code that is held up by mistake."""

    id: str = Field(pattern=r"^[a-z_]{1,24}$")
    pattern: str = Field(min_length=1)
    told: str = Field(min_length=1)
    """What the citizen reads; no full stop."""
    confidence: Mark

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"{self.id}: the pattern is no regular expression: {error}") from None
        return self

    def fits(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text, re.IGNORECASE | re.DOTALL) is not None


class PayerCodeTable(_Table):
    wallet: tuple[WalletCodes, ...] = Field(min_length=1)
    other: tuple[OtherCode, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what, ids in (("wallet", [w.id for w in self.wallet]), ("other", [o.id for o in self.other])):
            if len(set(ids)) != len(ids):
                raise ValueError(f"{what}: an id stands there twice")
        for number, one in enumerate(self.wallet):
            for two in self.wallet[number + 1 :]:
                apart = one.first[1] < two.first[0] or two.first[1] < one.first[0]
                if not apart and one.length[0] <= two.length[1] and two.length[0] <= one.length[1]:
                    raise ValueError(f"wallet: a code could be of {one.id} and of {two.id}")
        return self

    def only(self, ids: tuple[str, ...]) -> tuple[WalletCodes, ...]:
        """The wallets a hall takes, in the table's order. Raises ValueError for one that the table does not know."""
        if unknown := sorted(set(ids) - {wallet.id for wallet in self.wallet}):
            raise ValueError(f"there is no {', '.join(unknown)} in config/{FILE}")
        return tuple(wallet for wallet in self.wallet if wallet.id in ids)


def load_payer_codes(path: Path | None = None) -> PayerCodeTable:
    """Raises TablesError."""
    path = path or Path(__file__).with_name(FILE)
    try:
        return PayerCodeTable.model_validate(read_toml(path))
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, fault['loc'])) or 'table'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise TablesError(path.name, problems) from None
    except (OSError, ValueError) as error:
        raise TablesError(path.name, [str(error)]) from None
