"""Whether identity card, permit and registry are about one person (EE02).

Each source names other things: the printed line a birth date without century, the chip's DG1 that and a name of at most three
characters, DG11 (where there is one) the whole name and the number, the registry everything.
"""

from __future__ import annotations

import re
from typing import Literal

from kiosk.domain.chip_text import plain_name, same_name
from kiosk.domain.endorsement import RegistryRecord
from kiosk.domain.identity import IdCard, normalise_id_number
from kiosk.domain.permit import ChipHolder, PermitLine

Difference = Literal[
    "line_birth",
    "chip_line",
    "chip_name",
    "chip_full_name",
    "chip_personal_number",
    "registry_permit",
    "registry_birth",
    "registry_number",
    "registry_name",
]
"""Where two sources disagree: for the technician, never with the values."""

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")


def same_holder(
    card: IdCard,
    line: PermitLine | None = None,
    chip: ChipHolder | None = None,
    registry: RegistryRecord | None = None,
    *,
    full_name: str = "",
    personal_number: str = "",
) -> bool:
    """Whether nothing that is known contradicts that all are one person. What is None or empty is not compared."""
    return difference(card, line, chip, registry, full_name=full_name, personal_number=personal_number) is None


def difference(
    card: IdCard,
    line: PermitLine | None = None,
    chip: ChipHolder | None = None,
    registry: RegistryRecord | None = None,
    *,
    full_name: str = "",
    personal_number: str = "",
) -> Difference | None:
    """The first contradiction, or None. `full_name` and `personal_number` are DG11's."""
    # A name or number changed since issue stands in the chip as it was; the platform says so, and EE18 follows.
    changed = registry is not None and registry.data_changed
    if line is not None and line.birth != f"{card.birth:%y%m%d}":
        return "line_birth"
    if chip is not None:
        if line is not None and (chip.line.number, chip.line.birth) != (line.number, line.birth):
            return "chip_line"
        if chip.line.birth != f"{card.birth:%y%m%d}":
            return "chip_line"
        if not changed and same_name(chip, card.name) is False:
            return "chip_name"
    if full_name and not changed and plain_name(full_name) != plain_name(card.name):
        return "chip_full_name"
    number = normalise_id_number(personal_number)
    # Issuers are free in what they put there; only a citizen's number is comparable.
    if not changed and _ID_NUMBER.fullmatch(number) and number != normalise_id_number(card.number):
        return "chip_personal_number"
    return _registry_difference(card, line, registry) if registry is not None else None


def _registry_difference(card: IdCard, line: PermitLine | None, registry: RegistryRecord) -> Difference | None:
    """Name or number may have changed since issue, and the platform says so; then one of them must still fit."""
    if line is not None and registry.permit_number.strip().upper() != line.number:
        return "registry_permit"
    if registry.birth != card.birth:
        return "registry_birth"
    same_number = normalise_id_number(registry.id_number) == normalise_id_number(card.number)
    same = plain_name(registry.name) == plain_name(card.name)
    if registry.data_changed and (same_number or same):
        return None
    if not same_number:
        return "registry_number"
    return None if same else "registry_name"
