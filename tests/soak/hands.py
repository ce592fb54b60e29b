"""What people do to simulators in other processes: the orders go over their control sockets, and what lies there lies there again when
the process has been started anew, as a thing would."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

ANSWERS_S = 2.0
LYING = {"place": True, "remove": False, "show": True, "hide": False}
"""Orders after which something lies before the device, or nothing does."""


class Hand:
    """A `kiosk.ports.bench.VirtualDevice` in another process. `translate` makes an order into what that process understands."""

    def __init__(
        self,
        kind: str,
        port: int,
        translate: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda command: command,
    ) -> None:
        self.kind = kind
        self._port = port
        self._translate = translate
        self._lies: Mapping[str, Any] | None = None

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing happens while the process is gone; what is put there then lies there when it comes back."""
        verb = command.get("do")
        if verb in LYING:
            self._lies = command if LYING[verb] else None
        try:
            return self._ask(self._translate(command))
        except OSError:
            return {}

    def restore(self) -> None:
        """After a start: whatever lay there."""
        if self._lies is not None:
            self.control(self._lies)

    def state(self) -> dict[str, Any]:
        return self.control({"do": "state"})

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def _ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        with socket.create_connection(("127.0.0.1", self._port), ANSWERS_S) as line:
            line.sendall(json.dumps(command, ensure_ascii=False).encode() + b"\n")
            said = b""
            while not said.endswith(b"\n"):
                piece = line.recv(65536)
                if not piece:
                    raise ConnectionError("hung up")
                said += piece
        answer: dict[str, Any] = json.loads(said)
        return answer
