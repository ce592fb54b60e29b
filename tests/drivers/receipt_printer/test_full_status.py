"""The full status of printers with a presenter, picked out of whatever else comes over the line."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.receipt_printer.status import Readings, StatusReader
from kiosk.domain.errors import DeviceError, ErrorKind


class Line:
    """Answers DLE EOT 20 with `pieces`, the other questions never."""

    name = "line"
    simulated = True

    def __init__(self, pieces: list[bytes]) -> None:
        self._coming: list[bytes] = []
        self._pieces = pieces

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def write(self, data: bytes, deadline: float) -> None:
        self._coming = list(self._pieces) if data == b"\x10\x04\x14" else []

    async def read(self, limit: int, deadline: float) -> bytes:
        if not self._coming:
            raise DeviceError(ErrorKind.TIMEOUT, self.name, "Nothing came.")
        return self._coming.pop(0)

    def drain(self) -> bytes:
        return b""


def full(pieces: list[bytes]) -> bytes | None:
    reader = StatusReader(Line(pieces), "realtime", 0.001, presents=True)
    return asyncio.run(reader._full())


@pytest.mark.parametrize(
    "pieces",
    [
        [b"\x10\x0f\x20\x00\x00\x00"],
        [b"\x10", b"\x0f\x20", b"\x00\x00", b"\x00"],
        [b"\x16\x12\x10\x0f\x20\x00\x00\x00"],
        [b"\x10\x0f\x20\x00\x00\x00\x18"],
    ],
    ids=["whole", "in pieces", "behind another answer", "before an automatic status"],
)
def test_it_is_found(pieces: list[bytes]) -> None:
    assert full(pieces) == b"\x20\x00\x00\x00"


@pytest.mark.parametrize("pieces", [[], [b"\x10\x0f\x20\x00"], [b"\x16"], [b"\x0f\x10\x20\x00\x00\x00"]])
def test_what_is_not_whole_is_nothing(pieces: list[bytes]) -> None:
    assert full(pieces) is None


@given(st.lists(st.binary(min_size=1, max_size=12), max_size=4))
@settings(max_examples=200, deadline=None)
def test_no_answer_makes_it_raise(pieces: list[bytes]) -> None:
    found = full(pieces)
    assert found is None or len(found) == 4


@given(st.binary(min_size=4, max_size=4))
def test_every_status_has_a_meaning(status: bytes) -> None:
    readings = Readings(0x12, 0x12, 0x12, 0x12, status, presents=True)
    assert readings.presenter in ("clear", "not_taken", "jammed")
    assert (readings.trouble() is not None) == (readings.presenter == "jammed")
