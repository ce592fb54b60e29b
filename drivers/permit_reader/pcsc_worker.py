"""The PC/SC worker: a process of its own, because SCardTransmit has no time limit and only a process can be killed.

`python -m drivers.permit_reader.pcsc_worker SOCKET_FD`. One thread watches readers and cards, the other carries out orders; each has
its own context, since libpcsclite locks up when two threads share one that is blocked. It ends when the socket does.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncGenerator, Iterable
from queue import SimpleQueue

from smartcard import scard

from drivers.permit_reader.channel import goes_on
from drivers.permit_reader.pcsc_codes import REMOVED, failed
from drivers.permit_reader.pcsc_link import (
    CONNECT,
    CONNECTED,
    MESSAGE_LIMIT,
    PULSE,
    PULSE_EVERY,
    READ,
    RELEASE,
    RELEASED,
    ReaderSlot,
    Slots,
    decode_key,
    encode_result,
    reply,
)
from drivers.permit_reader.procedure import read_chip
from kiosk.domain.errors import DeviceError
from kiosk.domain.permit import ChipData, ChipKey

HOTPLUG = "\\\\?PnP?\\Notification"
_WATCH_MS = 1000
_BACK_OFF, _BACK_OFF_MAX = 0.5, 10.0
_QUIET = (scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT)
_LIST_AGAIN = (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_NO_READERS_AVAILABLE)


class Watch(threading.Thread):
    """Tells the slots when they change. A service that is gone is looked for again after 0.5 s, doubling to 10 s."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__(name="slots", daemon=True)
        self._line = line
        self._told: Slots | None = None
        self._never = threading.Event()

    def run(self) -> None:
        wait = _BACK_OFF
        while True:
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            if code == scard.SCARD_S_SUCCESS:
                code, worked = self._watch(context)
                scard.SCardReleaseContext(context)
                wait = _BACK_OFF if worked else wait
            self._tell(Slots(code & 0xFFFFFFFF))
            self._never.wait(wait)
            wait = min(wait * 2, _BACK_OFF_MAX)

    def _watch(self, context: int) -> tuple[int, bool]:
        """Until the service fails: its code, and whether it ever worked."""
        states: dict[str, int] = {}
        atrs: dict[str, str] = {}
        worked = False
        while True:
            code, names = scard.SCardListReaders(context, [])
            if code not in _QUIET and code not in _LIST_AGAIN:
                return code, worked
            names = list(names or []) if code == scard.SCARD_S_SUCCESS else []
            states = {name: states.get(name, scard.SCARD_STATE_UNAWARE) for name in names}
            asked = [(name, state) for name, state in states.items()]
            # The high half of the hot-plug state is the number of readers we know of.
            code, found = scard.SCardGetStatusChange(context, _wait(asked), [*asked, (HOTPLUG, len(names) << 16)])
            if code not in _QUIET and code not in _LIST_AGAIN:
                return code, worked
            worked = True
            if code == scard.SCARD_S_SUCCESS:
                for name, state, atr in found:
                    if name in states:
                        states[name] = state & ~scard.SCARD_STATE_CHANGED
                        atrs[name] = bytes(atr).hex()
            self._tell(Slots(0, tuple(_slot(name, state, atrs.get(name, "")) for name, state in states.items())))

    def _tell(self, slots: Slots) -> None:
        if slots != self._told:
            self._told = slots
            send(self._line, slots.encode())


def _wait(asked: list[tuple[str, int]]) -> int:
    """No waiting while there is a reader whose state is not known yet."""
    return 0 if any(state == scard.SCARD_STATE_UNAWARE for _, state in asked) else _WATCH_MS


def _slot(name: str, state: int, atr: str) -> ReaderSlot:
    return ReaderSlot(name, bool(state & scard.SCARD_STATE_PRESENT), bool(state & scard.SCARD_STATE_MUTE), atr)


def send(line: socket.socket, message: bytes) -> None:
    try:
        line.sendall(message)
    except OSError:
        os._exit(0)  # the kiosk is gone; the other thread may be blocked for ever


class Session:
    """One card. Other programs may know of it, but none speaks in between."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._context: int | None = None
        self._card: int | None = None
        self._protocol = 0
        self._told = 0.0
        self._batches: SimpleQueue[tuple[Iterable[bytes], SimpleQueue[tuple[bytes, bytes | DeviceError] | None]]] = SimpleQueue()
        threading.Thread(target=self._sender, name="sender", daemon=True).start()
        self._broken = False
        """The last transmission failed: the card was pulled or lost its field."""

    def connect(self, name: str) -> int:
        self.release()
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            return int(code)
        self._context = context
        # Contactless readers speak T=1 only; a contact reader may have a T=0 card.
        for protocols in (scard.SCARD_PROTOCOL_T1, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1):
            code, card, protocol = scard.SCardConnect(context, name, scard.SCARD_SHARE_SHARED, protocols)
            if code != scard.SCARD_E_PROTO_MISMATCH:
                break
        if code != scard.SCARD_S_SUCCESS:
            return int(code)
        self._card = card
        self._protocol = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        code = scard.SCardBeginTransaction(card)
        if code != scard.SCARD_S_SUCCESS:
            return int(code)
        if self._broken:
            # pcscd has not noticed what happened to the card that lies there now: off and on again.
            code, _protocol = scard.SCardReconnect(
                card,
                scard.SCARD_SHARE_SHARED,
                scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
                scard.SCARD_UNPOWER_CARD,
            )
            if code != scard.SCARD_S_SUCCESS:
                return int(code)
            self._broken = False
        return int(code)

    def read(self, key: ChipKey) -> ChipData | DeviceError:
        """The whole procedure, here: each command sent from the kiosk's process would wait twice for the scheduler."""
        reading = read_chip(self, key, answer_timeout=0.0)
        try:
            reading.send(None)  # nothing in it ever waits: `transmit` blocks instead
        except StopIteration as done:
            result: ChipData = done.value
            return result
        except DeviceError as error:
            return error
        raise RuntimeError("the procedure waited for something")

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        """`CardLine`. The deadline is the kiosk's to watch: it kills us.

        A thread sends one command after another, so that the reader never waits while we take the answers apart.
        """
        del deadline
        exchanges: SimpleQueue[tuple[bytes, bytes | DeviceError] | None] = SimpleQueue()
        self._batches.put((commands, exchanges))
        while (exchange := exchanges.get()) is not None:
            command, answer = exchange
            if isinstance(answer, DeviceError):
                raise answer
            yield command, answer

    def _sender(self) -> None:
        while True:
            commands, exchanges = self._batches.get()
            for command in commands:
                try:
                    answer = self._exchange(command)
                except DeviceError as error:
                    exchanges.put((command, error))
                    break
                exchanges.put((command, answer))
                if not goes_on(answer):
                    break
            exchanges.put(None)

    def _exchange(self, command: bytes) -> bytes:
        now = time.monotonic()
        if now - self._told > PULSE_EVERY:
            self._told = now
            send(self._line, PULSE)
        if self._card is None:
            raise failed(REMOVED)
        code, data = scard.SCardTransmit(self._card, self._protocol, list(command))
        if code != scard.SCARD_S_SUCCESS or len(data) < 2:
            self._broken = True
            # The first answer after a card was pulled has no status, and no code either.
            raise failed(code & 0xFFFFFFFF or REMOVED)
        return bytes(data)

    def release(self) -> int:
        code = scard.SCARD_S_SUCCESS
        card, self._card = self._card, None
        context, self._context = self._context, None
        if card is not None:
            scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
            # Switching off a card that has just left makes pcscd 1.9.9 call the slot empty until it has seen it empty: a card that
            # came back before its next look (0.4 s) would never be found.
            code = scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD if self._broken else scard.SCARD_UNPOWER_CARD)
        if context is not None:
            scard.SCardReleaseContext(context)
        return int(code)


def main(fd: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the kiosk's to handle
    line = socket.socket(fileno=fd)
    Watch(line).start()
    session = Session(line)
    while message := line.recv(MESSAGE_LIMIT):
        match message[:1]:
            case kind if kind == CONNECT:
                code = session.connect(message[1:].decode())
                if code != scard.SCARD_S_SUCCESS:
                    session.release()
                send(line, reply(CONNECTED, code))
            case kind if kind == READ:
                for part in encode_result(session.read(decode_key(message))):
                    send(line, part)
            case kind if kind == RELEASE:
                send(line, reply(RELEASED, session.release()))
    session.release()
    os._exit(0)  # the watching thread may stand in a call that does not return


if __name__ == "__main__":
    main(int(sys.argv[1]))
