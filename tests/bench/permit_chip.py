"""Reading a permit's chip through pcscd and vpcd, against the time a bare program needs for the very same commands.

Both meet the same virtual permit, in a process of its own. The bare program sends what was recorded once with fixed random numbers; the
card draws the same ones each time, so that it accepts them again and calculates as much as for the driver.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterable, Sequence

from drivers.permit_reader.channel import goes_on
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
CARDS = {0.0: "a card that answers at once", 0.004: "a card that takes 4 ms a command"}
"""Seconds. A contactless chip at 106 kbit/s takes longer than that: its antenna alone needs 18 ms for an answer of 230 bytes."""
Exchanges = list[tuple[bytes, bytes]]


def fixed(size: int) -> bytes:
    """Random numbers that are the same each time, so that the conversation is."""
    return bytes(range(0x11, 0x11 + size))


class Recorder:
    """A `CardLine` straight into the chip that writes down what passes."""

    def __init__(self, chip: VirtualChip) -> None:
        self._chip = chip
        self.exchanges: Exchanges = []

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


async def _turns(
    service: PcscService, exchanges: Exchanges, times: int, think: float
) -> tuple[list[float], list[float]]:
    """Seconds of the driver and of bare transmissions, in turns."""
    commands, expected = [command for command, _ in exchanges], sum(len(answer) for _, answer in exchanges)
    took: list[float] = []
    plain: list[float] = []
    card = subprocess.Popen([sys.executable, "-m", "tests.bench.permit_chip", str(service.port), str(think)])
    reader = PermitChipReader(PcscChannel(READER))
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
    return took, plain


async def _measure(effort: Effort) -> list[Row]:
    exchanges = await record()
    size = sum(len(answer) for _, answer in exchanges)
    times = effort.of(40, 12)
    rows = []
    with PcscService() as service:
        os.environ["PCSCLITE_CSOCK_NAME"] = service.socket
        try:
            for think, words in CARDS.items():
                progress(f"permit chip, {words}: {times} readings by the driver and by bare transmissions, in turns")
                took, plain = await _turns(service, exchanges, times, think)
                rows.append(_row(words, took, plain, f"{len(exchanges)} commands, {size} bytes of answers"))
                rows.append(_each(words, took, plain, len(exchanges)))
        finally:
            del os.environ["PCSCLITE_CSOCK_NAME"]
    return rows


def _row(words: str, took: list[float], plain: list[float], note: str) -> Row:
    return Row(
        "permit_chip",
        f"permit read through pcscd and vpcd (BAC, {PHOTO // 1000} kB photo), {words}, over bare transmissions",
        paired(took, plain),
        "x",
        f"median of {len(took)} pairs",
        1.20,
        peer=f"bare transmissions {median(plain) * 1000:.1f} ms, driver {median(took) * 1000:.1f} ms",
        ratio=paired(took, plain),
        note=note,
        data={"driver_ms": [t * 1000 for t in took], "bare_ms": [t * 1000 for t in plain]},
    )


def _each(words: str, took: list[float], plain: list[float], commands: int) -> Row:
    """What one command costs more through the driver, its cryptography and the way to its worker included."""
    more = [(ours - bare) * 1000 / commands for ours, bare in zip(took, plain, strict=True)]
    return Row(
        "permit_chip",
        f"one command through the driver, over the bare round trip, {words}",
        median(more),
        "ms",
        f"median of {len(more)} pairs",
        1.0,
        peer=f"bare round trip {median(plain) * 1000 / commands:.2f} ms",
    )


def measure(effort: Effort) -> list[Row]:
    """No row where the machine cannot run a PC/SC service of its own."""
    if reason := why_not():
        progress(f"permit chip: not measured, {reason}")
        return []
    return asyncio.run(_measure(effort))


def play_card(port: int, think: float) -> None:
    """The virtual permit before the virtual reader until it hangs up; it takes `think` seconds for each command."""
    chip = virtual_chip()
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
                time.sleep(think)
                line.sendall(frame(chip.answer(message)))
            elif message[0] == ATR:
                line.sendall(frame(PERMIT_ATR))
            else:
                chip.reset()


if __name__ == "__main__":
    play_card(int(sys.argv[1]), float(sys.argv[2]))
