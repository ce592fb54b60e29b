"""A simulated upsd with one supply: the part of the protocol that clients use, on any line.

{"do": "outage"} {"do": "restore"}                           the mains power goes, returns
{"do": "low"}                                                the battery is nearly empty
{"do": "battery", "charge": 42, "runtime": 600}              what the supply says of it
{"do": "replace_battery", "needed": true}
{"do": "shutdown"}                                           forced shutdown is announced (FSD)
{"do": "set", "var": "ups.load", "value": "23"}              any variable; null: the supply has none of this name
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire
from drivers.ups.protocol import LONGEST_LINE, words

_OK = "OK"
_NEEDS_SUPPLY = ("VAR", "CMD", "RW", "CLIENT", "UPSDESC", "NUMLOGINS", "DESC", "TYPE")
TEST = "test.battery.start.quick"
_TEST_TAKES = 0.2


class UpsdSimulator(Simulator):
    kind = "ups"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "NUT.STALE": "upsd has no news of the supply (DATA-STALE)",
        "NUT.NO_DRIVER": "the driver of the supply does not run (DRIVER-NOT-CONNECTED)",
        "NUT.UNKNOWN_UPS": "upsd knows no supply of this name",
        "NUT.DENIED": "upsd does not allow this host",
        "NUT.NO_VAR": "the supply does not have the variable `var` (battery.runtime)",
        "NUT.STATUS": "ups.status is `value` (an unknown word only)",
        "NUT.BAD_NUMBER": "figures are no numbers",
        "NUT.BAD_QUOTE": "a quote in the answer is not closed",
        "NUT.STRANGE_LINE": "a line nobody asked for comes before the answer",
        "NUT.OTHER_VAR": "the answer is that to another question",
        "NUT.NO_END": "a list does not end",
        "NUT.LONG_LINE": "a line without end, `bytes` (100000)",
        "NUT.TEST_FAILS": "the battery fails its test",
    }

    def __init__(
        self, name: str = "ups", *, user: str = "", password: str = "", variables: Mapping[str, str] | None = None
    ) -> None:
        """`user`: who may start commands; nobody when empty."""
        super().__init__()
        self.name = name
        self._login = (user, password)
        self._mains, self._low, self._replace, self._forced = True, False, False, False
        self._sessions: set[_Session] = set()
        self._tests: set[asyncio.Task[None]] = set()
        self.variables: dict[str, str] = {
            "device.mfr": "OneTrip",
            "device.model": 'Simulated "1000"',
            "device.type": "ups",
            "driver.name": "simulated",
            "battery.charge": "100",
            "battery.runtime": "1800",
            "input.voltage": "230.0",
            "ups.load": "18",
            "ups.test.result": "No test initiated",
            **(variables or {}),
        }

    # --- what happens to the supply

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            return common
        match command.get("do"):
            case "outage":
                self._mains = False
            case "restore":
                self._mains, self._low, self._forced = True, False, False
            case "low":
                self._low = True
            case "shutdown":
                self._forced = True
            case "replace_battery":
                self._replace = bool(command.get("needed", True))
            case "battery":
                for key in ("charge", "runtime"):
                    if key in command:
                        self.variables[f"battery.{key}"] = f"{float(command[key]):g}"
            case "set":
                self._set(str(command.get("var", "")), command.get("value"))
            case other:
                raise ValueError(
                    f"a supply cannot do {other!r}; it knows outage, restore, low, battery, replace_battery, shutdown, set"
                )
        self.changed()
        return {"ok": True, **self.state()}

    def _set(self, name: str, value: object) -> None:
        if not name or name == "ups.status" or any(letter.isspace() for letter in name):
            raise ValueError("var must be the name of a variable, other than ups.status")
        if value is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = str(value)

    def state(self) -> Reply:
        return {
            "status": self.status_word(),
            "charge": self.variables.get("battery.charge"),
            "runtime": self.variables.get("battery.runtime"),
            "clients": len(self._sessions),
            "faults": self.faults.as_reply(),
        }

    def status_word(self) -> str:
        said = ["FSD"] if self._forced else []
        said += ["OL" if self._mains else "OB"]
        said += ["LB"] if self._low else []
        said += ["RB"] if self._replace else []
        charge = self.variables.get("battery.charge", "100")
        said += ["CHRG" if self._mains else "DISCHRG"] if charge != "100" or not self._mains else []
        return " ".join(said)

    # --- what upsd does

    async def serve(self, wire: Wire) -> None:
        session = _Session(self)
        self._sessions.add(session)
        buffer = bytearray()
        try:
            while not session.ended and (data := await wire.read()):
                buffer += data
                while not session.ended and (at := buffer.find(b"\n")) >= 0:
                    text = buffer[:at].decode("utf-8", "replace").strip()
                    del buffer[: at + 1]
                    answer = self._spoiled(session.answer(text)) if text else ""
                    if answer:
                        await wire.write(answer.encode())
                if len(buffer) > LONGEST_LINE:
                    return  # upsd throws out who never ends a line
        finally:
            self._sessions.discard(session)
            if not self._sessions:
                await self._end_tests()

    def _spoiled(self, answer: str) -> str:
        take = self.faults.take
        if take("NUT.STRANGE_LINE"):
            answer = "BROADCAST nobody asked\n" + answer
        if take("NUT.BAD_QUOTE"):
            answer = answer.replace('"', "", 1) if answer.count('"') % 2 == 0 else answer
        if fault := take("NUT.LONG_LINE"):
            answer = "X" * int(fault.number("bytes", 100_000))
        return answer

    def refusal(self, name: str) -> str | None:
        """Why nothing can be said of this supply."""
        if name != self.name or self.faults.take("NUT.UNKNOWN_UPS"):
            return "UNKNOWN-UPS"
        if self.faults.take("NUT.DENIED"):
            return "ACCESS-DENIED"
        if self.faults.take("NUT.STALE"):
            return "DATA-STALE"
        return "DRIVER-NOT-CONNECTED" if self.faults.take("NUT.NO_DRIVER") else None

    def values(self) -> dict[str, str]:
        return dict(sorted({**self.variables, "ups.status": self.status_word()}.items()))

    def value(self, name: str) -> str | None:
        if (fault := self.faults.active("NUT.NO_VAR")) and name == fault.args.get("var", "battery.runtime"):
            self.faults.take("NUT.NO_VAR")
            return None
        if name == "ups.status" and (fault := self.faults.take("NUT.STATUS")):
            return str(fault.args.get("value", "MYSTERY"))
        if name.startswith("battery.") and self.faults.take("NUT.BAD_NUMBER"):
            return "n/a"
        return self.values().get(name)

    def start_test(self) -> None:
        self.variables["ups.test.result"] = "In progress"
        test = asyncio.get_running_loop().create_task(self._test())
        self._tests.add(test)
        test.add_done_callback(self._tests.discard)

    async def _test(self) -> None:
        await asyncio.sleep(_TEST_TAKES)
        self.variables["ups.test.result"] = "Failed" if self.faults.take("NUT.TEST_FAILS") else "Done and passed"
        self.changed()

    async def _end_tests(self) -> None:
        for test in tuple(self._tests):
            test.cancel()
        await asyncio.gather(*self._tests, return_exceptions=True)

    def may(self, user: str, password: str) -> bool:
        return bool(self._login[0]) and (user, password) == self._login


class _Session:
    """One client of upsd."""

    def __init__(self, upsd: UpsdSimulator) -> None:
        self._upsd = upsd
        self._user = self._password = ""
        self.ended = False

    def answer(self, text: str) -> str:
        """What upsd says to one line: whole lines, or nothing."""
        try:
            asked = words(text)
        except ValueError:
            return "ERR INVALID-ARGUMENT\n"
        verb, rest = asked[0].upper(), asked[1:]
        match verb:
            case "VER":
                return "Network UPS Tools upsd 2.8.0 (simulated)\n"
            case "NETVER" | "PROTVER":
                return "1.3\n"
            case "HELP":
                return "Commands: HELP VER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD STARTTLS\n"
            case "STARTTLS":
                return "ERR FEATURE-NOT-CONFIGURED\n"
            case "LOGOUT":
                self.ended = True
                return "OK Goodbye\n"
            case "USERNAME" | "PASSWORD":
                return self._know(verb, rest)
            case "LOGIN" | "INSTCMD":
                return self._privileged(verb, rest)
            case "GET":
                return self._get(rest)
            case "LIST":
                return self._list(rest)
        return "ERR UNKNOWN-COMMAND\n"

    def _know(self, verb: str, rest: tuple[str, ...]) -> str:
        if len(rest) != 1:
            return "ERR INVALID-ARGUMENT\n"
        if verb == "USERNAME":
            if self._user:
                return "ERR ALREADY-SET-USERNAME\n"
            self._user = rest[0]
        else:
            if self._password:
                return "ERR ALREADY-SET-PASSWORD\n"
            self._password = rest[0]
        return "OK\n"

    def _privileged(self, verb: str, rest: tuple[str, ...]) -> str:
        if len(rest) < (1 if verb == "LOGIN" else 2):
            return "ERR INVALID-ARGUMENT\n"
        if not self._user:
            return "ERR USERNAME-REQUIRED\n"
        if not self._password:
            return "ERR PASSWORD-REQUIRED\n"
        if refusal := self._upsd.refusal(rest[0]):
            return f"ERR {refusal}\n"
        if not self._upsd.may(self._user, self._password):
            return "ERR ACCESS-DENIED\n"
        if verb == "INSTCMD":
            if rest[1] != TEST:
                return "ERR CMD-NOT-SUPPORTED\n"
            self._upsd.start_test()
        return "OK\n"

    def _get(self, rest: tuple[str, ...]) -> str:
        what = rest[0].upper() if rest else ""
        if what not in _NEEDS_SUPPLY or len(rest) < (3 if what in ("VAR", "DESC", "TYPE") else 2):
            return "ERR INVALID-ARGUMENT\n"
        if refusal := self._upsd.refusal(rest[1]):
            return f"ERR {refusal}\n"
        match what:
            case "VAR":
                value = self._upsd.value(rest[2])
                if value is None:
                    return "ERR VAR-NOT-SUPPORTED\n"
                name = "ups.id" if self._upsd.faults.take("NUT.OTHER_VAR") else rest[2]
                return f"VAR {rest[1]} {name} {_quote(value)}\n"
            case "UPSDESC":
                return f'UPSDESC {rest[1]} "Simulated supply"\n'
            case "NUMLOGINS":
                return f"NUMLOGINS {rest[1]} 0\n"
            case "DESC":
                return f'DESC {rest[1]} {rest[2]} "Description unavailable"\n'
        return f"TYPE {rest[1]} {rest[2]} STRING:32\n"

    def _list(self, rest: tuple[str, ...]) -> str:
        what = rest[0].upper() if rest else ""
        if what == "UPS":
            rows, head = [f'UPS {self._upsd.name} "Simulated supply"'], "LIST UPS"
        elif what in ("VAR", "CMD", "RW", "CLIENT") and len(rest) > 1:
            if refusal := self._upsd.refusal(rest[1]):
                return f"ERR {refusal}\n"
            head = f"LIST {what} {rest[1]}"
            rows = []
            if what == "VAR":
                rows = [f"VAR {rest[1]} {name} {_quote(value)}" for name, value in self._upsd.values().items()]
            elif what == "CMD":
                rows = [f"CMD {rest[1]} {TEST}"]
        else:
            return "ERR INVALID-ARGUMENT\n"
        lines = [f"BEGIN {head}", *rows, f"END {head}"]
        if self._upsd.faults.take("NUT.NO_END"):
            lines.pop()
        return "".join(f"{line}\n" for line in lines)


def _quote(value: str) -> str:
    """Values stand in quotes whatever they are."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
