"""Vehicle identification numbers (GB 16735) and the proof a citizen types: the last six of VIN or engine number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {
    **{digit: int(digit) for digit in "0123456789"},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
PROOF_LENGTH = 6
SHORTEST_ENGINE_PROOF = 4
"""An engine number shorter than this proves nothing, because it could be guessed."""


class VinError(ValueError):
    """Not a VIN. The number is never repeated."""

    def __init__(self, why: Literal["length", "characters"]) -> None:
        super().__init__(f"VIN refused: {why}")
        self.why = why


class ProofError(ValueError):
    """Not usable as proof: it has fewer or more letters and digits than asked for."""


@dataclass(frozen=True, slots=True)
class Vin:
    text: str = field(repr=False)
    check_ok: bool
    """False is a warning only: imported vehicles need not follow the check digit."""


def parse_vin(text: str) -> Vin:
    """Read a VIN: 17 characters, never I, O or Q; position 9 is the check character. Source: GB 16735. Raises VinError."""
    vin = _alphanumeric(text)
    if len(vin) != 17:
        raise VinError("length")
    if not _VIN.fullmatch(vin):
        raise VinError("characters")
    return Vin(vin, vin_check_character(vin) == vin[8])


def vin_check_character(vin: str) -> str:
    """The check character (position 9) that belongs to 17 valid characters; what stands at position 9 has no weight."""
    remainder = sum(_VALUES[char] * weight for char, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def normalise_proof(text: str) -> str:
    """The typed proof without anything but letters and digits, upper case.

    Four to six characters: six as printed in the vehicle licence, fewer where the engine number itself is shorter.
    Raises ProofError.
    """
    proof = _alphanumeric(text)
    if not SHORTEST_ENGINE_PROOF <= len(proof) <= PROOF_LENGTH:
        raise ProofError(f"proof has {len(proof)} letters and digits, not {SHORTEST_ENGINE_PROOF} to {PROOF_LENGTH}")
    return proof


def proof_matches(proof: str, vin: str, engine_no: str) -> bool:
    """Whether the proof is the last six of the VIN or of the engine number, hyphens and the like left out.

    Engine numbers are free text and may be shorter than six; then the whole number must have been typed.
    """
    try:
        typed = normalise_proof(proof)
    except ProofError:
        return False
    vin_tail, engine_tail = _alphanumeric(vin)[-PROOF_LENGTH:], _alphanumeric(engine_no)[-PROOF_LENGTH:]
    return (len(vin_tail) == PROOF_LENGTH and typed == vin_tail) or typed == engine_tail


def _alphanumeric(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())
