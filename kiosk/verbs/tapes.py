"""`kiosk device … --record FILE` and `--replay FILE`: a session on a tape, and a driver played against one. docs/record-replay.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Settings, SettingsError
from kiosk.ports.clock import SystemClock
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from drivers.registry import Registry
    from drivers.transport.base import ByteTransport
    from drivers.transport.record import Recorder
    from drivers.transport.replay import ReplayTransport


class NoTape:
    """The verb runs as it is."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        """Of the device; empty: the settings'."""

    def registry(self) -> Registry:
        from drivers.registry import Registry

        return Registry()

    def close(self) -> None:
        """Idempotent. The tape is whole after this."""

    def told(self, report: Report) -> Report:
        """What the verb reported, and what there is to say of the tape."""
        return report


class Recording(NoTape):
    """Raises WrongUsage for a driver whose sessions cannot be recorded, and for a file that exists."""

    def __init__(self, path: Path, kind: str, url: str) -> None:
        from drivers.registry import DriverTrouble, Registry

        super().__init__(url)
        self._path, self._kind = path, kind
        self._recorder: Recorder | None = None
        try:
            masker = Registry().masker(kind, url)
        except DriverTrouble as error:
            raise WrongUsage(f"--record: {error}") from None
        if masker is None:
            raise WrongUsage(
                f"--record: nobody has said which bytes of this {kind} are personal, or it has no line of bytes; "
                "nothing is recorded."
            )
        self._masker = masker
        if path.exists():
            raise WrongUsage(f"--record: {path} exists already; a tape is never written over.")

    def registry(self) -> Registry:
        from drivers.registry import Registry

        return Registry(lines={self._kind: self._wrap})

    def started(self) -> None:
        """The device is made. Raises WrongUsage when it has no line that could be recorded."""
        if self._recorder is None:
            raise WrongUsage(f"--record: this {self._kind} has no line of bytes; nothing is recorded.")

    def close(self) -> None:
        if self._recorder is None:
            return
        self._recorder.close()
        if not self._recorder.summary["events"]:
            self._path.unlink(missing_ok=True)

    def told(self, report: Report) -> Report:
        assert self._recorder is not None
        sums, trouble = self._recorder.summary, self._recorder.trouble
        data = {**report.data, "tape": {"file": str(self._path), **sums, "trouble": trouble}}
        said = f"  tape: {self._path}, {sums['events']} lines; {sums['synthetic']} bytes replaced, {sums['withheld']} kept back"
        said += f"; NOT WHOLE: {trouble}" if trouble else ""
        return Report(data, f"{report.text}\n{said}", report.good and not trouble)

    def _wrap(self, line: ByteTransport) -> ByteTransport:
        from drivers.transport.base import BaudLine
        from drivers.transport.record import Recorder, recording
        from drivers.transport.tape import Header, TapeWriter

        baud = line.baud if isinstance(line, BaudLine) else None
        now = SystemClock().now().isoformat(timespec="seconds")
        header = Header(self._kind, self.url, line.name, line.simulated, baud, self._masker.name, now, _version())
        try:
            writer = TapeWriter(self._path, header)
        except OSError as error:
            raise SettingsError(f"--record: {self._path} cannot be written: {error.strerror or error}.") from None
        self._recorder = Recorder(writer, self._masker)
        return recording(line, self._recorder)


class Replaying(NoTape):
    """Raises SettingsError for a file that cannot be played, WrongUsage for a tape of another kind of device."""

    def __init__(self, path: Path, kind: str) -> None:
        from drivers.transport.replay import replay_url
        from drivers.transport.tape import TapeError, load

        try:
            header = load(path).header
        except TapeError as error:
            raise SettingsError(f"--replay: {error}") from None
        if header.kind != kind:
            raise WrongUsage(f"--replay: {path} is a tape of a {header.kind}, not of a {kind}.")
        super().__init__(replay_url(header.url, path))
        self._path, self._kind = path, kind
        self._line: ReplayTransport | None = None

    def registry(self) -> Registry:
        from drivers.registry import Registry

        return Registry(lines={self._kind: self._keep})

    def told(self, report: Report) -> Report:
        difference = self._line.verdict() if self._line is not None else "The driver never opened the line."
        data = {
            **report.data,
            "tape": {"file": str(self._path), "as_recorded": not difference, "difference": difference},
        }
        if not difference:
            return Report(data, f"{report.text}\n  tape: all as recorded", report.good)
        return Report({**data, "good": False}, f"{report.text}\n  tape: {difference}", False)

    def _keep(self, line: ByteTransport) -> ByteTransport:
        from drivers.transport.replay import ReplayTransport

        if isinstance(line, ReplayTransport):
            self._line = line
        return line


def tape_of(settings: Settings, arguments: argparse.Namespace) -> NoTape:
    """What --record and --replay ask for. Raises WrongUsage, SettingsError."""
    record, replay = getattr(arguments, "record", None), getattr(arguments, "replay", None)
    url = arguments.url or ""
    if replay is not None:
        if url:
            raise WrongUsage("--replay names the device by its tape; leave --url out.")
        return Replaying(replay, arguments.kind)
    if record is not None:
        url = url or getattr(settings.devices, arguments.kind)
        if not url:
            raise SettingsError(f"this machine has no {arguments.kind}; name one in the settings or with --url.")
        return Recording(record, arguments.kind, url)
    return NoTape(url)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("onetrip")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "source"
