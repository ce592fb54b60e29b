"""Reading a permit's chip through pcscd and vpcd, against the time a bare program needs for the very same commands.

Both meet the same card in a process of its own, twice: the virtual permit, which calculates as chips do, and a card that knows the whole
conversation by heart and answers at once, which no chip does. Random numbers are fixed on both sides, so that what was recorded once is
what passes each time.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

from drivers.permit_reader.channel import Slot, goes_on
from drivers.permit_reader.pcsc import PcscChannel
from drivers.permit_reader.procedure import read_chip
from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.simulator import PERMIT_ATR
from drivers.permit_reader.vicc import ATR, Deframer, frame
from drivers.permit_reader.virtual_card import VirtualChip
from drivers.permit_reader.virtual_files import build_files, chip_key
from drivers.virtual_permit import VirtualPermit
from tests.bench.rows import Effort, Row, median, paired, progress
from tests.drivers.permit_reader.service import PcscService, why_not

PHOTO = 15_000
CARD = VirtualPermit(line="CSCA00000015<3301155<9003071<0", name="测试甲", surname="CESHI", given="JIA")
READER = "Virtual PCD 00 00"
Exchanges = list[tuple[bytes, bytes]]


def fixed(size: int) -> bytes:
    """Random numbers that are the same each time, so that the conversation is."""
    return bytes(range(0x11, 0x11 + size))


class Recorder:
    """A `CardChannel` straight into the chip that writes down what passes."""

    name, simulated = "recorder", True

    def __init__(self, chip: VirtualChip) -> None:
        self._chip = chip
        self.exchanges: Exchanges = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def release(self) -> None: ...

    def slot(self) -> Slot:
        return Slot(up=True)

    async def connect(self, deadline: float) -> bytes:
        return PERMIT_ATR

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        for command in commands:
            answer = self._chip.answer(command)
            self.exchanges.append((command, answer))
            yield command, answer
            if not goes_on(answer):
                return


def virtual_chip() -> VirtualChip:
    return VirtualChip(build_files(CARD, PHOTO), chip_key(CARD), entropy=fixed)


async def record() -> Exchanges:
    recorder = Recorder(virtual_chip())
    await read_chip(recorder, chip_key(CARD), answer_timeout=1.0, entropy=fixed)
    return recorder.exchanges


def bare_reading(commands: Sequence[bytes]) -> tuple[float, int]:
    """The least a program can do with PC/SC: connect, send, disconnect. Seconds, and bytes that came back."""
    from smartcard import scard

    listed = [list(command) for command in commands]
    started = time.perf_counter()
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    code, card, _ = scard.SCardConnect(context, READER, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)
    if code != scard.SCARD_S_SUCCESS:
        raise RuntimeError(f"no card: {code:#x}")
    scard.SCardBeginTransaction(card)
    size = 0
    for command in listed:
        code, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T1, command)
        size += len(answer)
    scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
    scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)
    scard.SCardReleaseContext(context)
    return time.perf_counter() - started, size


async def _turns(service: PcscService, kind: str, exchanges: Exchanges, times: int) -> tuple[list[float], list[float]]:
    """Seconds of the driver and of bare transmissions, in turns, before a card of this kind."""
    commands, expected = [command for command, _ in exchanges], sum(len(answer) for _, answer in exchanges)
    took: list[float] = []
    plain: list[float] = []
    card = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.permit_chip", kind, str(service.port)], stdin=subprocess.PIPE
    )
    assert card.stdin is not None
    card.stdin.write(json.dumps({command.hex(): answer.hex() for command, answer in exchanges}).encode() + b"\n")
    card.stdin.flush()
    reader = PermitChipReader(PcscChannel(READER), entropy=fixed)
    try:
        await reader.open()
        await reader.read(chip_key(CARD), 10.0)  # warms up
        for turn in range(times):
            for side in (0, 1) if turn % 2 else (1, 0):
                if side:
                    started = time.perf_counter()
                    data = await reader.read(chip_key(CARD), 10.0)
                    took.append(time.perf_counter() - started)
                    if data.photo is None or len(data.photo.data) != PHOTO or not data.hashes_fit:
                        raise RuntimeError("the chip was read wrongly")
                else:
                    seconds, size = await asyncio.to_thread(bare_reading, commands)
                    plain.append(seconds)
                    if size != expected:
                        raise RuntimeError(f"{size} bytes came instead of {expected}")
    finally:
        await reader.close()
        card.kill()
        card.wait()
        card.stdin.close()
    return took, plain


async def _measure(effort: Effort) -> list[Row]:
    exchanges = await record()
    size = sum(len(answer) for _, answer in exchanges)
    times = effort.of(40, 12)
    rows: list[Row] = []
    with PcscService() as service:
        os.environ["PCSCLITE_CSOCK_NAME"] = service.socket
        for kind, words, bar in (("chip", "virtual permit", 1.20), ("heart", "card that answers by heart", None)):
            progress(f"permit chip: {times} readings of a {words} by the driver and by bare transmissions, in turns")
            took, plain = await _turns(service, kind, exchanges, times)
            await asyncio.sleep(1.0)  # pcscd sees the card leave
            rows.append(
                Row(
                    "permit_chip",
                    f"{words} read through pcscd and vpcd (BAC, {PHOTO // 1000} kB photo), over bare transmissions",
                    paired(took, plain),
                    "x",
                    f"median of {times} pairs",
                    bar,
                    peer=f"bare transmissions {median(plain) * 1000:.1f} ms, driver {median(took) * 1000:.1f} ms",
                    ratio=paired(took, plain),
                    note=f"{len(exchanges)} commands, {size} bytes of answers, without any delay in the card",
                    data={"driver_ms": [t * 1000 for t in took], "bare_ms": [t * 1000 for t in plain]},
                )
            )
    return rows


def measure(effort: Effort) -> list[Row]:
    """No row where the machine cannot run a PC/SC service of its own."""
    if reason := why_not():
        progress(f"permit chip: not measured, {reason}")
        return []
    return asyncio.run(_measure(effort))


def play_card(port: int, answer: Callable[[bytes], bytes], reset: Callable[[], None]) -> None:
    """A card before the virtual reader until it hangs up."""
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    deframer = Deframer()
    while True:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        data = line.recv(65536)
        if not data:
            return
        for message in deframer.feed(data):
            if len(message) > 1:
                line.sendall(frame(answer(message)))
            elif message[0] == ATR:
                line.sendall(frame(PERMIT_ATR))
            else:
                reset()


def main(kind: str, port: int) -> None:
    told = json.loads(sys.stdin.readline())
    if kind == "chip":
        chip = virtual_chip()
        play_card(port, chip.answer, chip.reset)
    else:
        known = {bytes.fromhex(command): bytes.fromhex(answer) for command, answer in told.items()}
        play_card(port, known.__getitem__, lambda: None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
