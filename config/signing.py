"""The section `[signing]` of the settings: how decisions are signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.sections import Section


class Officer(Section):
    """A police officer who may note at this machine that somebody refused to sign; one `[[signing.officer]]` each."""

    number: Annotated[str, Field(pattern=r"^[0-9]{6,8}$", description="the officer's number (警号), 6 to 8 digits")]
    pin_hash: Annotated[str, Field(repr=False, pattern=r"^scrypt\$.+\$.+$")]
    """scrypt hash made by `kiosk staff-pin`."""


class Signing(Section):
    """How decisions are signed, and what happens where somebody does not want to."""

    recording: Literal["required", "off"] = "required"
    """公安机关办理行政案件程序规定 第263条: an electronic signature needs sound and picture of the signing, at the same time. "off" only
    where the hall records in another way."""
    refusal: Literal["window", "officer"] = "window"
    """公安部令105 第44条: a refusal to sign is noted, and the decision counts as delivered. "window": nothing is decided here;
    "officer": an officer notes it at the machine."""
    officer: tuple[Officer, ...] = ()
    folder: Path = Path("var/recordings")
    keep_days: Annotated[int, Field(ge=30, le=3660)] = 183
    """M: at least six months, as for body cameras (公安机关现场执法视音频记录工作规定); the hall is to confirm it. What is older is
    deleted, a week of running later, so that a clock that jumps deletes nothing at once."""
    most_mb: Annotated[int, Field(ge=500, le=2_000_000)] = 20_000
    """Within `keep_days` nothing is deleted: a machine whose recordings reach this takes no more signatures until there is room."""

    @model_validator(mode="after")
    def _officers(self) -> Signing:
        if self.refusal == "officer" and not self.officer:
            raise ValueError('refusal = "officer" needs at least one [[signing.officer]] with number and pin_hash')
        numbers = [officer.number for officer in self.officer]
        if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
            raise ValueError(f"officer {', '.join(twice)} stands there twice")
        return self
