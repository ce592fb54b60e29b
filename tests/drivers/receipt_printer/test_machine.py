"""The simulated machine: stays in step with the byte stream, whatever comes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.receipt_printer.simulator import EscposSimulator
from drivers.receipt_printer.stream import next_command


def fed(data: bytes, columns: int = 32) -> EscposSimulator:
    simulator = EscposSimulator(columns)
    simulator._receive(data)
    simulator._print_all()
    return simulator


COMMANDS = """
1b40 1b32 1b2108 1b6101 1b4501 1b4700 1b4d00 1b7410 1b6403 1b4a10 1b331e 1b2d01 1b7b00 1b420101 1b70001919
1b2a2102 00616263646566 1b2a000200 4142 1b633504 1d2111 1d6101 1d4200 1d4902 1d6840 1d7703 1d4802 1d6600
1d763000010002005a5a 1d286b03003143 06 1d284c0200 3032 1d384c02000000 3032 1d6b0441424300 1d6b4904 7b424142
1d4c0000 1d570002 1c26 1c2e 1c2100 1c2d01 1c5301 02 1c700100 100401 100502 1014000101 10140801031401060208
"""


@pytest.mark.parametrize("commands", COMMANDS.split("\n"))
def test_argument_lengths_keep_the_stream_in_step(commands: str) -> None:
    data = bytes.fromhex(commands.replace(" ", ""))
    simulator = fed(b"\x1b@" + data + b"\x1b@\x1d!\x00\x1ba\x00OK\n\x1dVB\x00")
    assert simulator.papers[-1].text.endswith("OK")


def test_incomplete_commands_wait() -> None:
    for whole in (
        b"\x1dv0\x00\x01\x00\x02\x00AB",
        b"\x1d(k\x03\x001C\x06",
        b"\x1b*!\x01\x00ABC",
        b"\xc4\xfe",
        b"\x10\x04\x01",
    ):
        for cut in range(len(whole)):
            assert next_command(whole[:cut], kanji=True) is None
        command = next_command(whole, kanji=True)
        assert command is not None
        assert command.size == len(whole)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_bytes_break_the_machine(data: bytes) -> None:
    simulator = fed(data)
    simulator.control({"do": "tear"})
    Image.open(io.BytesIO(simulator.papers[-1].png)).load()


def test_lines_that_are_too_long_run_over_to_the_next() -> None:
    assert fed(b"A" * 40 + b"\n\x1dVB\x00").papers[0].text == "A" * 32 + "\n" + "A" * 8


def test_chinese_only_in_chinese_mode() -> None:
    ning = "宁".encode("gbk")
    assert fed(ning + b"\n\x1dVB\x00").papers[0].text == "??"
    assert fed(b"\x1c&" + ning + b"a\n\x1c." + ning + b"\n\x1dVB\x00").papers[0].text == "宁a\n??"


def test_paper_is_measured_and_what_is_below_the_knife_stays() -> None:
    simulator = fed(b"one\n" * 8 + b"\x1dV\x00" + b"\x1bd\x08\x1dV\x00")
    first, second = simulator.papers
    assert first.mm == second.mm == 30.0
    assert first.text.count("one") + second.text.count("one") == 8
    assert second.text
    assert Image.open(io.BytesIO(first.png)).size == (384 + 64, 240)


def test_paper_ends_after_so_many_lines() -> None:
    simulator = EscposSimulator(32)
    simulator.control({"do": "paper_out_after", "lines": 3})
    simulator._receive(b"line\n" * 9)
    simulator._print_all()
    assert simulator.state()["paper"] == "out"
    assert simulator.state()["hanging_text"].count("line") == 3
    assert not simulator.state()["online"]
    simulator.control({"do": "refill"})
    assert simulator.state()["hanging_text"].count("line") == 9
