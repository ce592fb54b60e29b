"""The section `[printing]` of the settings: on which paper decisions are handed out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.sections import Section


class Printing(Section):
    decision: Literal["receipt", "a4", "both"] = "receipt"
    """The penalty decision on receipt paper, on A4, or on both. Without an A4 printer, or while it is lost, on receipt paper."""
    a4_s: Annotated[float, Field(ge=5, le=300)] = 60.0
    """How long the A4 printer may take for one decision before the job is taken back and receipt paper is used (seconds)."""
