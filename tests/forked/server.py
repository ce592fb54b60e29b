"""Imports what the kiosk's programs import, then forks one of them for each order that a stub brings; ends when its own stdin ends."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
from typing import Any, NoReturn

PRELOADED = (
    "alembic.command",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.serialization",
    "drivers.camera.camera",
    "drivers.camera.capture",
    "drivers.camera.exam",
    "drivers.camera.faces",
    "drivers.camera.match",
    "drivers.camera.models",
    "drivers.camera.simulator",
    "drivers.document_printer.leftovers",
    "drivers.document_printer.printer",
    "drivers.document_printer.simulator",
    "drivers.document_printer.testpage",
    "drivers.document_printer.url",
    "drivers.id_card.exam",
    "drivers.id_card.reader",
    "drivers.id_card.simulator",
    "drivers.id_photo.studio",
    "drivers.permit_reader.reader",
    "drivers.permit_reader.sim",
    "drivers.permit_reader.simulator",
    "drivers.permit_unit.driver",
    "drivers.permit_unit.simulator",
    "drivers.qr_scanner.camera_scanner",
    "drivers.qr_scanner.exam",
    "drivers.qr_scanner.simulator",
    "drivers.receipt_printer.printer",
    "drivers.receipt_printer.simulator",
    "drivers.registry",
    "drivers.signature_pad.simulator",
    "drivers.transport.host",
    "drivers.transport.memory",
    "httpcore",
    "kiosk.app",
    "kiosk.cabinet",
    "kiosk.cli",
    "kiosk.gateways.exit_entry.simulated",
    "kiosk.gateways.police.simulated",
    "kiosk.gateways.wallet.simulated",
    "kiosk.logs",
    "kiosk.technicians",
    "kiosk.verbs.audit",
    "kiosk.verbs.device",
    "kiosk.verbs.diagnose",
    "kiosk.verbs.ledger",
    "kiosk.verbs.simulate",
    "sqlite3",
    "stringprep",
    "zxingcpp",
)
"""What the programs need sooner or later. A name that is gone costs time and nothing else."""


class Server:
    def __init__(self, address: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(address)
        self._listener.listen(64)
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._lines: dict[socket.socket, int] = {}

    def serve(self) -> dict[str, Any] | None:
        """Returns an order in the process forked for it, None in the server when it is no longer needed."""
        while True:
            waited: list[Any] = [0, self._listener, self._woken, *self._lines]
            for line in select.select(waited, [], [])[0]:
                if line == 0:
                    for pid in self._lines.values():
                        os.kill(pid, signal.SIGKILL)
                    return None
                if line is self._listener:
                    if (order := self._fork()) is not None:
                        return order
                elif line == self._woken:
                    os.read(self._woken, 4096)
                    self._bury()
                elif line in self._lines:
                    self._pass_on(line)

    def _fork(self) -> dict[str, Any] | None:
        line, _ = self._listener.accept()
        said, ends, _, _ = socket.recv_fds(line, 1 << 20, 3)
        if not said:  # the stub was killed before it said anything
            line.close()
            return None
        child = os.fork()
        if child:
            self._lines[line] = child
            for end in ends:
                os.close(end)
            return None
        signal.set_wakeup_fd(-1)
        for each in (self._listener, line, *self._lines):
            each.close()
        os.close(self._woken)
        os.close(self._wake)
        order: dict[str, Any] = json.loads(said)
        for target, end in enumerate(ends):
            os.dup2(end, target)
            os.close(end)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for sign in order["ignored"]:
            signal.signal(sign, signal.SIG_IGN)
        return order

    def _bury(self) -> None:
        """Every stub whose process has ended is told how."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                for line in [line for line, pid in self._lines.items() if pid == ended[0]]:
                    del self._lines[line]
                    with line, contextlib.suppress(OSError):
                        line.send(b"%d" % os.waitstatus_to_exitcode(ended[1]))

    def _pass_on(self, line: socket.socket) -> None:
        """A signal for the process; a stub that was killed takes its process with it."""
        try:
            said = line.recv(64)
        except ConnectionError:
            said = b""
        os.kill(self._lines[line], int(said) if said else signal.SIGKILL)
        if not said:
            del self._lines[line]
            line.close()


def become(order: dict[str, Any]) -> None:
    """This process is the one that was asked for, from its surroundings to its words."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    how, what, *words = order["words"]
    sys.path[0] = order["folder"] if how == "-m" else ""
    sys.argv = [how, *words]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})


def leave(end: SystemExit) -> NoReturn:
    """As the interpreter leaves, but what is in memory is not taken to pieces: most of it belongs to the server."""
    code = end.code if isinstance(end.code, int) else int(end.code is not None)
    if end.code is not None and not isinstance(end.code, int):
        print(end.code, file=sys.stderr)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def preload() -> None:
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    preload()
    server = Server(sys.argv[1])
    os.write(1, b"ready\n")
    order = server.serve()
    if order is not None:
        try:
            become(order)
        except SystemExit as end:
            leave(end)
