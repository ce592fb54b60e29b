"""Loudness by the programs that every desktop and server has for it: `wpctl` (PipeWire), else `amixer` (ALSA).

The sound server belongs to the session; where none runs the card itself is turned. Both programs answer within milliseconds, or hang on
a sound server that hangs: then they are ended.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.panel import DEVICE, NO_CARD, NO_TOOL

WITHIN_S = 2.0
CARDS = Path("/proc/asound/cards")
_SINK = "@DEFAULT_AUDIO_SINK@"
_WPCTL_LEVEL = re.compile(r"Volume:\s*([0-9]+(?:\.[0-9]+)?)")
_AMIXER_LEVEL = re.compile(r"\[([0-9]{1,3})%\]")
_AMIXER_NAME = re.compile(r"'([^']+)',([0-9]+)")
_USUAL = ("Master", "Speaker", "PCM", "Headphone", "Digital", "Line Out")
"""Controls that turn the loudness, the one for everything first."""


class Volume:
    """Implements `kiosk.ports.panel.Knob`. `path` is where programs are looked for, `cards` what the kernel says of sound cards."""

    simulated = False

    def __init__(self, *, path: str | None = None, cards: Path = CARDS, within_s: float = WITHIN_S) -> None:
        self._path = path
        self._cards = cards
        self._within = within_s

    async def level(self) -> int:
        return await asyncio.to_thread(self._level)

    async def turn(self, percent: int) -> int:
        return await asyncio.to_thread(self._turn, max(0, min(100, percent)))

    # --- in a thread of its own

    def _level(self) -> int:
        self._require_card()
        if (said := self._pipewire("get-volume", _SINK)) is not None:
            return _of_wpctl(said)
        return _of_amixer(self._amixer("sget", self._control()))

    def _turn(self, percent: int) -> int:
        self._require_card()
        if self._pipewire("set-volume", _SINK, f"{percent}%") is not None:
            self._pipewire("set-mute", _SINK, "0" if percent else "1")
            return self._level()
        return _of_amixer(self._amixer("sset", self._control(), f"{percent}%", "unmute" if percent else "mute"))

    def _require_card(self) -> None:
        """A machine without a card may still have a sound server with a sink that goes nowhere."""
        try:
            told = self._cards.read_text("utf-8", "replace")
        except OSError:
            told = ""
        if not re.search(r"^\s*[0-9]+\s*\[", told, re.MULTILINE):
            raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, "This machine has no sound card.", NO_CARD)

    def _pipewire(self, *words: str) -> str | None:
        """None where there is no such program, or no sound server that it could reach."""
        program = shutil.which("wpctl", path=self._path)
        if program is None:
            return None
        done = self._run([program, *words])
        return done.stdout if done.returncode == 0 else None

    def _control(self) -> str:
        found = ["{},{}".format(*each) for each in _AMIXER_NAME.findall(self._amixer("scontrols"))]
        for wanted in _USUAL:
            for name in found:
                if name.rpartition(",")[0] == wanted:
                    return name
        if not found:
            raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, "The sound card has no control for its loudness.", NO_CARD)
        return found[0]

    def _amixer(self, *words: str) -> str:
        program = shutil.which("amixer", path=self._path)
        if program is None:
            raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, "Neither wpctl nor amixer (alsa-utils) is there.", NO_TOOL)
        done = self._run([program, "-M", *words])
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["amixer failed"])[0][:120]
            raise DeviceError(ErrorKind.HARDWARE, DEVICE, f"amixer says: {said}.", str(done.returncode))
        return done.stdout

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self._within,
                check=False,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired:
            name = Path(command[0]).name
            raise DeviceError(ErrorKind.TIMEOUT, DEVICE, f"{name} did not end within {self._within:g} s.") from None
        except OSError as error:
            raise DeviceError(ErrorKind.PERMISSION, DEVICE, f"{command[0]} cannot be run: {error.strerror}.") from None


def _of_wpctl(said: str) -> int:
    """Volume: 0.40 [MUTED]"""
    found = _WPCTL_LEVEL.search(said)
    if found is None:
        raise DeviceError(ErrorKind.HARDWARE, DEVICE, "wpctl tells no volume.")
    return 0 if "[MUTED]" in said else min(100, round(float(found.group(1)) * 100))


def _of_amixer(said: str) -> int:
    """Front Left: Playback 45 [70%] [-20.00dB] [on]: the loudest channel counts, and one that is off is silent."""
    channels = [line for line in said.splitlines() if _AMIXER_LEVEL.search(line)]
    if not channels:
        raise DeviceError(ErrorKind.UNSUPPORTED, DEVICE, "The sound card has no control for its loudness.", NO_CARD)
    heard = [line for line in channels if "[off]" not in line]
    return max((min(100, int(level)) for line in heard for level in _AMIXER_LEVEL.findall(line)), default=0)
