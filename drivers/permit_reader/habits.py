"""What one chip turned out to want while it was being read. Kept over its sessions: some chips end one at every refusal.

Standards leave it open how a chip answers who asks for more than there is, and which selections it takes. The fast way is tried first;
a session that ended over it is opened anew, and the next one does without.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.permit_reader.apdu import END_OF_FILE, SELECT, Command

CHUNK = 0xDF
"""The most that fits into a short answer under any cipher: 223 bytes, padded to 224, with the objects around them 244."""
LEAST = 6
"""Less than a header has; no chip gives so little."""
SESSIONS = 6
"""Enough for a chip that wants short reads, a few times shorter ones, and misses two files."""
_FIRST_STEPS = (CHUNK, 0x70, 0x08)
_CAREFUL_STEPS = (0x08,)
_WRONG_SELECTION = frozenset({0x6A86, 0x6A81, 0x6B00, 0x6700})


@dataclass(slots=True)
class Habits:
    chunk: int = CHUNK
    first_steps: tuple[int, ...] = _FIRST_STEPS
    """How much is asked for before a file's length is known."""
    answers_selections: bool = False
    """The chip takes no selection without answer data (P2 0C)."""
    around: int = 4
    """What the object around the data of an odd READ BINARY takes, at the most."""
    left_out: set[int] = field(default_factory=set)
    """Optional files whose absence ends the session."""

    def select(self, p1: int, name: bytes) -> Command:
        if self.answers_selections:
            return Command(0, SELECT, p1, 0x00, name, le=256)
        return Command(0, SELECT, p1, 0x0C, name)

    def learn_selection(self, sw: int) -> bool:
        """Whether the refused selection is worth another try, in the other form."""
        if self.answers_selections or sw not in _WRONG_SELECTION:
            return False
        self.answers_selections = True
        return True

    def shorten(self, sw: int, at: int, count: int) -> bool:
        """Learn from a read that the chip refused; False when there is nothing shorter to try."""
        if at == 0 and count > _CAREFUL_STEPS[0]:
            self.first_steps = _CAREFUL_STEPS
            return True
        if count <= LEAST:
            return False
        wanted = sw & 0xFF if sw >> 8 == 0x6C else 0
        self.chunk = wanted if LEAST <= wanted < count else max(count // 2, LEAST)
        return True


def too_long(sw: int) -> bool:
    """The chip would rather have been asked for less."""
    return sw in (0x6700, 0x6B00, END_OF_FILE) or sw >> 8 == 0x6C
