"""A simulated microphone: raw samples on the wire, as `arecord -t raw` writes them (signed 16 bit, little-endian, one channel, 16 kHz).

{"do": "speak", "hertz": 440}     somebody makes a noise; without `hertz` only the hall hisses
{"do": "speed", "factor": 20}     time passes so many times faster
"""

from __future__ import annotations

import asyncio
import math
import random
from array import array
from collections.abc import Mapping
from typing import ClassVar

from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

RATE = 16000
_STEP = 0.05
"""Seconds of sound in one write."""
_HISS, _VOICE = 40, 6000
"""Of 32768: what the hall gives, and what a voice near the microphone gives."""


class MicrophoneSimulator(Simulator):
    kind = "recorder"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "MIC.SILENT": "the microphone gives nothing but zeros, as a muted one does",
        "MIC.STALL": "no more samples come, and the line stays open",
        "MIC.DIES": "the program at the microphone ends",
        "MIC.CLIPPED": "the microphone is set far too loud",
    }

    def __init__(self) -> None:
        super().__init__()
        self._hertz = 0.0
        self._factor = 1.0
        self._listeners_now = 0
        self._dice = random.Random(163)
        self._stirred = asyncio.Event()

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            self._stirred.set()
            return common
        match command.get("do"):
            case "speak":
                self._hertz = float(command.get("hertz", 0.0))
            case "speed":
                factor = float(command.get("factor", 1.0))
                if not 0 < factor <= 1000:
                    raise ValueError("factor must be more than 0, at most 1000")
                self._factor = factor
            case other:
                raise ValueError(f"a microphone cannot do {other!r}; it knows speak, speed")
        self._stirred.set()
        self.changed()
        return {"ok": True, **self.state()}

    def state(self) -> Reply:
        return {"hertz": self._hertz, "listeners": self._listeners_now, "faults": self.faults.as_reply()}

    async def serve(self, wire: Wire) -> None:
        """Samples at the speed of sound for as long as somebody listens."""
        self._listeners_now += 1
        self.changed()
        gone = asyncio.ensure_future(wire.read())
        loop = asyncio.get_running_loop()
        due, sample = loop.time(), 0
        try:
            while not gone.done():
                if self.faults.take("MIC.DIES"):
                    return
                if self.faults.active("MIC.STALL"):
                    await self._stand_still(gone)
                    due = loop.time()
                    continue
                await wire.write(self._sound(sample))
                sample += round(RATE * _STEP)
                due = max(due + _STEP / self._factor, loop.time() - 1.0)
                await asyncio.wait((gone,), timeout=max(0.0, due - loop.time()))
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            self._listeners_now -= 1
            self.changed()

    async def _stand_still(self, gone: asyncio.Future[bytes]) -> None:
        self._stirred.clear()
        stirred = asyncio.ensure_future(self._stirred.wait())
        try:
            await asyncio.wait((gone, stirred), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stirred.cancel()
            await asyncio.gather(stirred, return_exceptions=True)

    def _sound(self, first: int) -> bytes:
        count = round(RATE * _STEP)
        if self.faults.active("MIC.SILENT"):
            return bytes(2 * count)
        loud = 32767.0 if self.faults.active("MIC.CLIPPED") else float(_VOICE)
        turn = 2 * math.pi * self._hertz / RATE
        hiss = self._dice.randbytes(count)
        tone = loud if self._hertz or loud > _VOICE else 0.0
        turn = turn or 2 * math.pi * 440 / RATE
        return array(
            "h",
            (
                max(-32768, min(32767, round(tone * math.sin(turn * (first + i)) + (hiss[i] - 128) * _HISS / 128)))
                for i in range(count)
            ),
        ).tobytes()
