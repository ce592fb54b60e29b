"""What a technician breaks off leaves the machine to the next citizen, who is served to the end."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from kiosk.care.supervisor import Holder
from kiosk.diagnostics.logring import LogRing
from kiosk.diagnostics.session import diagnostics
from kiosk.screens.diagnostics import Order, Overview, SelfTest, Verb
from tests.diagnostics.bay import LEAVE, Hands, login, on
from tests.diagnostics.test_privacy import tools_of
from tests.journeys.stage import staged


@pytest.mark.parametrize("where", ["身份证读卡器", "签注设备", "凭证打印机", "A4 打印机"])
async def test_a_check_broken_off_at_any_device(tmp_path: Path, where: str) -> None:
    async with staged(tmp_path, "happy_two_records") as stage:
        tools = tools_of(stage, LogRing(10), tmp_path)
        stop = on(
            SelfTest, Order(Verb.STOP), lambda s: any(row.device == where and row.state == "doing" for row in s.rows)
        )
        hands = Hands(
            (
                login(),
                on(Overview, Order(Verb.CHECK, "", "2")),
                stop,
                on(SelfTest, LEAVE, lambda s: s.rows and not s.running),
            )
        )
        async with asyncio.timeout(40):
            assert await diagnostics(dataclasses.replace(tools, desk=hands)) == "exit"
        assert "没有做完" in hands.last(SelfTest).verdict_text
        papers = len(stage.papers)
        async with stage.machine.supervisor.lease(Holder.CITIZEN):
            ended = await stage.visit()
        assert ended.outcome == "paid"
        assert len(stage.papers) > papers
        assert await stage.breaches() == []
