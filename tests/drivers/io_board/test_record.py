"""A session of the board on a tape, and the driver on the tape."""

from __future__ import annotations

from pathlib import Path

from config.io_board import EXAMPLE
from drivers.io_board.board import ModbusBoard
from drivers.io_board.mask import BoardMasker
from drivers.io_board.simulator import BoardSimulator
from drivers.transport.memory import MemoryLine
from drivers.transport.record import Recorder, RecordingTransport
from drivers.transport.replay import ReplayTransport
from drivers.transport.tape import Header, TapeWriter, load
from kiosk.ports.controls import Flash
from kiosk.ports.devices import Link


async def session(board: ModbusBoard) -> dict[str, str]:
    await board.open()
    await board.light("slot", Flash.CONTINUOUS)
    found = dict(await board.read())
    await board.close()
    return found


async def test_what_was_recorded_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "board.tape"
    simulator = BoardSimulator()
    simulator.control({"do": "door"})
    header = Header("io_board", "modbus+sim:", "simulated", True, None, "io_board", "", "test")
    recorder = Recorder(TapeWriter(path, header), BoardMasker())
    board = ModbusBoard(RecordingTransport(MemoryLine(simulator), recorder), EXAMPLE, poll=60)
    assert (await session(board))["door"] == "open"
    recorder.close()
    tape = load(path)
    assert not any(event.piece and event.piece.withheld for event in tape.events)
    line = ReplayTransport(tape, pace=0)
    played = ModbusBoard(line, EXAMPLE, poll=60)
    assert await session(played) == {"door": "open", "tamper": "ok", "person": "absent"}
    assert (line.difference, played.status().link) == ("", Link.CLOSED)
