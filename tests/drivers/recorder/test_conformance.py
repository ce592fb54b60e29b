"""Recorders in the suite that all devices go through, over every line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.conformance.recorder import RecorderBench, RecorderConformance
from tests.drivers.recorder.conftest import rig


class _OnALine(RecorderConformance):
    line: str

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[RecorderBench]:
        async with rig(self.line, opened=False) as r:
            yield RecorderBench(r.recorder, lambda: r.do("unplug"), lambda: r.do("plug"), r.plain, r.files)


class TestInProcess(_OnALine):
    line = "memory"


class TestOverTcp(_OnALine):
    line = "tcp"
