"""Fictional people, and a reader on each kind of line. No ID number here can belong to anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from drivers.id_card.photo import NoDecoder
from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.memory import MemoryLine
from drivers.transport.url import open_transport

ISSUER = "宁波市公安局测试分局"
PEOPLE: dict[str, dict[str, Any]] = {
    "resident": {
        "name": "测试甲",
        "sex": "2",
        "nation": "01",
        "birth": "19900101",
        "address": "浙江省宁波市测试区样例路1号",
        "number": "330299199001011220",
        "issuer": ISSUER,
        "from": "20200101",
        "to": "20400101",
    },
    "long_term": {
        "name": "䶮𠮷",
        "sex": "1",
        "nation": "97",
        "birth": "19500101",
        "address": "浙江省宁波市测试区样例路2号",
        "number": "330299195001011214",
        "issuer": ISSUER,
        "from": "20100101",
        "to": "长期",
    },
    "hmt": {
        "kind": "hmt_resident",
        "name": "測試乙",
        "sex": "1",
        "birth": "19850505",
        "address": "浙江省宁波市测试区样例路3号",
        "number": "81000019850505001X",
        "issuer": "宁波市公安局",
        "from": "20190101",
        "to": "20240101",
        "pass_number": "H00000000",
        "issue_count": "01",
    },
    "foreigner_2017": {
        "kind": "foreigner_2017",
        "name_latin": "TEST, SAMPLE PERSON",
        "sex": "2",
        "number": "UTO330290010101",
        "nationality": "UTO",
        "name": "测试丙",
        "from": "20180101",
        "to": "20280101",
        "birth": "19900101",
        "version": "01",
        "issuer": "3302",
    },
    "foreigner_2023": {
        "kind": "foreigner_2023",
        "name": "测试丁",
        "sex": "1",
        "issue_count": "01",
        "birth": "19900101",
        "name_latin": "TEST, SAMPLE",
        "number": "933000199001010019",
        "from": "20240101",
        "to": "20340101",
        "nationality": "UTO",
        "old_ref": "001",
    },
}
FAST = {"header_timeout": 0.3, "body_timeout": 0.5, "watchdog": 3.0, "find_interval": 0.02, "settle": 0.01}


@pytest.fixture
def people() -> dict[str, dict[str, Any]]:
    return PEOPLE


@pytest.fixture
def simulator() -> SamvSimulator:
    return SamvSimulator(PEOPLE)


@pytest.fixture(params=["memory", "tcp", "pty"])
async def reader(request: pytest.FixtureRequest, simulator: SamvSimulator) -> AsyncIterator[SamvReader]:
    """An open reader before `simulator`, once on each kind of line."""
    async with AsyncExitStack() as stack:
        match request.param:
            case "tcp":
                port = await stack.enter_async_context(serve_tcp(simulator))
                line = open_transport(f"tcp://127.0.0.1:{port}")
            case "pty":
                line = open_transport(f"serial://{await stack.enter_async_context(serve_pty(simulator))}")
            case _:
                line = MemoryLine(simulator)
        device = SamvReader(line, NoDecoder(), **FAST)
        stack.push_async_callback(device.close)
        await device.open()
        yield device


@pytest.fixture
async def near_reader(simulator: SamvSimulator) -> AsyncIterator[SamvReader]:
    """An open reader on the in-process line, for what does not depend on the line."""
    device = SamvReader(MemoryLine(simulator), NoDecoder(), **FAST)
    await device.open()
    yield device
    await device.close()
