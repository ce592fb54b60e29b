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

from smartcard import scard

from drivers.permit_reader.channel import goes_on
from drivers.permit_reader.pcsc_codes import REMOVED
from drivers.permit_reader.pcsc_link import (
    ANSWERED,
    CONNECT,
    CONNECTED,
    FLUSH,
    MESSAGE_LIMIT,
    PING,
    PONG,
    RELEASE,
    RELEASED,
    TRANSMIT,
    ReaderSlot,
    Slots,
    batch_of,
    join,
    reply,
)

HOTPLUG = "\\\\?PnP?\\Notification"
_WATCH_MS = 1000
_AT_ONCE, _LAST = 16, 4
"""How many answers go together: few messages, and little left to do for the kiosk when the last one comes."""
_BACK_OFF, _BACK_OFF_MAX = 0.25, 1.0
"""Asking whether the service is there is a connection to a local socket: it costs a fraction of a millisecond."""
_LIBRARY = str(getattr(scard, "resourceManager", "")).encode()
_QUIET = (scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT)
_LIST_AGAIN = (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_NO_READERS_AVAILABLE)


class Watch(threading.Thread):
    """Tells the slots when they change. A service that is gone is looked for again after 0.25 s, doubling to 1 s."""

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
            if code in _QUIET:  # that somebody uses a card is no event, but is told when the time is over
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
    in_use = bool(state & (scard.SCARD_STATE_INUSE | scard.SCARD_STATE_EXCLUSIVE))
    return ReaderSlot(name, bool(state & scard.SCARD_STATE_PRESENT), bool(state & scard.SCARD_STATE_MUTE), in_use, atr)


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
        self._ended = 0
        """Number of the batch that came to its end early."""
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

    def transmit(self, batch: int, commands: list[bytes]) -> None:
        """Answers some at a time; none after the first that does not go on."""
        if batch == self._ended:
            return
        answers: list[bytes] = []
        told = time.monotonic()
        for left, command in zip(range(len(commands) - 1, -1, -1), commands, strict=True):
            code, answer = self._exchange(command)
            if code or len(answer) < 2:
                self._broken, self._ended = True, batch
                # The first answer after a card was pulled has no status, and no code either.
                send(self._line, reply(ANSWERED, code or REMOVED, join(answers)))
                return
            answers.append(answer)
            if not goes_on(answer):
                self._ended = batch
                break
            if len(answers) >= _AT_ONCE or left == _LAST or time.monotonic() - told > FLUSH:
                send(self._line, reply(ANSWERED, 0, join(answers)))
                answers, told = [], time.monotonic()
        if answers:
            send(self._line, reply(ANSWERED, 0, join(answers)))

    def _exchange(self, command: bytes) -> tuple[int, bytes]:
        if self._card is None:
            return scard.SCARD_E_INVALID_HANDLE & 0xFFFFFFFF, b""
        code, data = scard.SCardTransmit(self._card, self._protocol, list(command))
        return code & 0xFFFFFFFF, bytes(data) if code == scard.SCARD_S_SUCCESS else b""

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


def ping() -> bytes:
    """Ask the service for its readers, over a connection of its own."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        return reply(PONG, code)
    code, _ = scard.SCardListReaders(context, [])
    scard.SCardReleaseContext(context)
    return reply(PONG, scard.SCARD_S_SUCCESS if code in _LIST_AGAIN else code, _LIBRARY)


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
            case kind if kind == TRANSMIT:
                session.transmit(*batch_of(message))
            case kind if kind == RELEASE:
                send(line, reply(RELEASED, session.release()))
            case kind if kind == PING:
                send(line, ping())
    session.release()
    os._exit(0)  # the watching thread may stand in a call that does not return


if __name__ == "__main__":
    main(int(sys.argv[1]))
