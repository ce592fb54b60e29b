"""Samples of the diagnostics, T01–T04. Devices and staff are made up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiosk.ports.devices import Frame
from kiosk.screens.common import StaffCheck
from kiosk.screens.diagnostics import (
    Act,
    CheckRow,
    DeviceDetail,
    Fact,
    Head,
    LogRow,
    Overview,
    Preview,
    Section,
    SelfTest,
    StaffLogin,
    Switch,
    Tile,
)
from kiosk.screens.screen import Screen
from ui.samples import Sample
from ui.samples.common import _frame

if TYPE_CHECKING:
    from ui.pages.base import PageWidget

HEAD = Head("T0271", "0.5.0", simulated=True, armed=2)
REAL = Head("T0271", "0.5.0", simulated=False, sections=tuple(s for s in Section if s is not Section.FAULTS))
NOTED = Head("T0271", "0.5.0", True, 1, "摄像头已复位，0.8 秒后恢复。", "ok")
REFUSED = Head(
    "T0271", "0.5.0", False, 0, "不能复位：证件还在签注设备里。先按说明取出证件并登记，再复位。", "bad", REAL.sections
)


def _trace(seed: int, missing: tuple[int, ...] = (), slow: float = 20.0) -> tuple[float | None, ...]:
    return tuple(
        None if i in missing else slow * (0.6 + 0.4 * math.sin(i * (seed + 3) / 7)) + (i * seed) % 5 for i in range(60)
    )


TILES = (
    Tile("id_card", "身份证阅读器", "id-card", "ok", "正常", ("SDT · 固件 2.1", "上次读卡 14:29 · 412 ms"), _trace(1)),
    Tile("camera", "人脸摄像头", "camera", "ok", "正常", ("/dev/video0 · 640×480", "27.8 帧/秒 · 亮度 118"), _trace(2)),
    Tile("qr_scanner", "扫码器", "qr-scan", "ok", "正常", ("HID /dev/hidraw2", "上次扫码 14:31"), _trace(3, slow=6)),
    Tile(
        "receipt_printer",
        "热敏打印机",
        "receipt",
        "warn",
        "缺纸预警",
        ("ESC/POS · 80 mm", "余纸约 12 m · 切刀 8,412"),
        _trace(4, slow=45),
        simulated=True,
    ),
    Tile("document_printer", "A4 打印机", "printer", "ok", "正常", ("CUPS: kiosk_a4", "队列 0"), _trace(5, (11, 12))),
    Tile(
        "permit_unit",
        "签注制证模块",
        "passport",
        "bad",
        "离线",
        ("无响应 14:02 起", "错误 E-CARD-17"),
        _trace(6, tuple(range(30, 60)), 90),
    ),
)
MORE = (
    Tile("permit_reader", "通行证读卡器", "id-card", "ok", "正常", ("PC/SC · 读卡器 0", "上次读卡 13:58"), _trace(7)),
    Tile(
        "navpad",
        "触感导航键盘（含耳机插孔）",
        "devices",
        "muted",
        "未打开",
        ("/dev/serial/by-id/usb-Maker_Navigation_Pad_000001-if00", "还没有用过"),
    ),
    Tile("io_board", "传感器板", "pulse", "warn", "柜门打开", ("Modbus RTU · 站号 1", "柜门 14:30 打开"), _trace(8)),
    Tile("ups", "不间断电源", "no-such-icon", "ok", "正常", ("市电 · 电池 100 %", "可用约 38 分钟"), _trace(9, slow=9)),
    Tile("signature", "签名板", "signature", "ok", "使用中", ("触摸屏", "上次签名 14:12"), (None,) * 60),
    Tile("platform", "业务平台", "globe", "bad", "安全模块未授权", ("联系供应商更换安全模块", "错误 E-SAM-02"), (1.5,)),
)
LOG = (
    LogRow("14:02:11.870", "ERROR", "permit_unit", "E-CARD-17 no response (retry 3/3)"),
    LogRow("14:29:44.310", "INFO", "id_card", "read ok in 412 ms"),
    LogRow("14:31:20.551", "INFO", "qr_scanner", "decode ok len=18"),
    LogRow("14:31:58.002", "WARN", "receipt_printer", "paper near end (12 m)"),
    LogRow("14:32:07.114", "INFO", "receipt_printer", "job 42 done 1.84 s"),
)
SWITCHES = (
    Switch("id_card:read_timeout", "身份证：读卡超时", False),
    Switch("camera:no_picture", "摄像头：无画面", False),
    Switch("receipt_printer:paper_out", "打印机：缺纸", True),
    Switch("network:down", "网络：断开", False),
)
PREVIEW = Preview(_frame(), (200, 80, 240, 290), ("人脸 1 · 正面", "25 帧/秒 · 亮度 118", "丢帧 0"))
NO_PICTURE = Preview(None, None, (), "摄像头没有画面，30 秒内自动重开")
TALL = Frame(720, 1280, bytes(720 * 1280 * 3), 0.0, 1)

FACTS = (
    Fact("驱动", "drivers.receipt_printer（ESC/POS）"),
    Fact("线路", "/dev/serial/by-id/usb-1a86_USB2.0-Serial-if00-port0 · 115200 8N1"),
    Fact("固件", "2.06 ESC/POS"),
    Fact("纸", "快用完", "warn"),
    Fact("盖子", "合上", "ok"),
    Fact("切刀", "正常", "ok"),
    Fact("状态起于", "14:31:58，已 9 分钟"),
    Fact("处理", "纸快用完，准备换纸。", "warn"),
)
COUNTERS = (
    Fact("打印", "1,284 张"),
    Fact("走纸", "198.4 m"),
    Fact("切纸", "8,412 次"),
    Fact("重试", "3 次"),
    Fact("卡纸", "1 次"),
    Fact("重开", "2 次"),
)
FORECAST = (Fact("余纸", "约 12 m，还够 70 张", "warn"), Fact("切刀寿命", "还剩约 98 %", "ok"))
ACTS = (
    Act("feed", "走纸"),
    Act("cut", "切刀"),
    Act("test_page", "打测试页"),
    Act("status", "读状态"),
    Act("drawer", "开钱箱", False, "本机没有钱箱。"),
)
OTHERS = tuple((tile.key, tile.name) for tile in (*TILES, *MORE))

CHECKS = (
    CheckRow("身份证阅读器", "安全模块状态", "passed", "0x90", "0x90", "0.1 秒"),
    CheckRow("身份证阅读器", "读一张卡", "passed", "412 ms", "800 ms", "1.2 秒"),
    CheckRow("人脸摄像头", "帧率", "passed", "27.8 帧/秒", "≥ 20", "2.0 秒"),
    CheckRow("人脸摄像头", "亮度", "unknown", "38", "60–200", "0.1 秒", "画面偏暗，请打开补光灯后再试一次。"),
    CheckRow("扫码器", "扫一次测试码", "skipped", detail="这一级不查。"),
    CheckRow("热敏打印机", "打测试页", "doing"),
    CheckRow("A4 打印机", "队列", "todo"),
    CheckRow("签注制证模块", "电机与传感器", "failed", "无应答", "2.0 秒", "6.0 秒", "检查电源和连接线，再复位设备。"),
)
LONG_CHECKS = tuple(
    CheckRow(
        tile.name,
        "在最长允许时间之内连续三次取得稳定读数",
        state,
        "3 次中 2 次，最慢 1,412 ms",
        "3 次，每次不超过 800 ms",
        "12.5 秒",
        "第二次读数晚到。线路上有 4 处校验错误，请检查屏蔽线是否接地，再做一次。" if state == "failed" else "",
    )
    for tile in (*TILES, *MORE)
    for state in ("failed", "passed")
)


def touching(*names: str) -> Callable[[PageWidget[Any]], None]:
    """Presses these buttons of the page, one after the other."""

    def press(page: PageWidget[Any]) -> None:
        from PySide6.QtWidgets import QAbstractButton

        for name in names:
            button = page.findChild(QAbstractButton, name)
            if button is None:
                raise ValueError(f"no button is called {name}")
            button.click()

    return press


def _wrap(screen: Screen[Any], *names: str) -> Sample:
    return Sample(screen, cancel=False, act=touching(*names) if names else None)


_STAFF = StaffCheck("张*明", "3302**********1234")

SAMPLES: dict[str, Sample] = {
    "t01_login": _wrap(StaffLogin(simulated=True)),
    "t01_login_typed": _wrap(
        StaffLogin(asks_totp=True),
        *(
            f"diag.login.{key}"
            for key in ("key.T", "key.0", "key.2", "key.7", "key.1", "pin", "key.4", "key.8", "key.6")
        ),
        *(f"diag.login.key.{key}" for key in "157"),
    ),
    "t01_login_totp": _wrap(StaffLogin(asks_totp=True, trouble="工号、密码或动态口令不对，还可以试 2 次。")),
    "t01_login_locked": _wrap(StaffLogin(asks_totp=True, locked_s=272, simulated=True)),
    "handover_can_end": Sample(_STAFF, overlay=lambda frame: frame.open_service()),
    "handover_must_wait": Sample(_STAFF, back=False, cancel=False, overlay=lambda frame: frame.open_service()),
    "t02_overview": _wrap(Overview(HEAD, TILES, LOG, PREVIEW, SWITCHES)),
    "t02_overview_twelve": _wrap(Overview(NOTED, (*TILES, *MORE), LOG * 3, NO_PICTURE, SWITCHES)),
    "t02_overview_real": _wrap(Overview(REAL, TILES[:3], LOG[:2], None)),
    "t02_overview_many": _wrap(
        Overview(
            HEAD,
            tuple(
                Tile(f"{tile.key}_{part}", f"{tile.name} {part}", tile.icon, tile.tone, tile.state, tile.lines)
                for part in (1, 2)
                for tile in (*TILES, *MORE)
            ),
            (),
            PREVIEW,
            SWITCHES,
        )
    ),
    "t02_overview_empty": _wrap(Overview(REAL, ())),
    "t03_device": _wrap(
        DeviceDetail(HEAD, TILES[3], FACTS, COUNTERS, FORECAST, ACTS, LOG[::-1], True, "to_device", OTHERS)
    ),
    "t03_device_refused": _wrap(
        DeviceDetail(
            REFUSED,
            TILES[5],
            (
                *FACTS,
                *FACTS,
                Fact("说明", "卡片停在读写位与回收箱之间，传感器 3 与 4 同时被遮住，电机电流超过上限。", "bad"),
            ),
            COUNTERS * 3,
            (),
            ACTS[:2],
            LOG * 6,
            True,
            "to_simulator",
            OTHERS,
        )
    ),
    "t03_device_reset": _wrap(DeviceDetail(HEAD, TILES[3], FACTS, COUNTERS, can_reset=True), "diag.device.act.reset"),
    "t03_device_swap": _wrap(
        DeviceDetail(HEAD, TILES[0], FACTS, COUNTERS, swap="to_simulator", others=OTHERS), "diag.device.act.swap"
    ),
    "t03_device_level": _wrap(DeviceDetail(HEAD, TILES[0], FACTS, COUNTERS, others=OTHERS), "diag.device.check"),
    "t03_device_why": _wrap(DeviceDetail(HEAD, TILES[3], FACTS, COUNTERS, acts=ACTS), "diag.device.act.drawer"),
    "t03_device_bare": _wrap(DeviceDetail(REAL, MORE[1], (), ())),
    "t04_checks_running": _wrap(SelfTest(HEAD, CHECKS, running=True, ask="请把测试卡放到感应区。", level=3)),
    "t04_checks_asked": _wrap(
        SelfTest(HEAD, CHECKS, True, ask="测试页上的二维码清楚、边缘完整吗？", is_question=True, level=3)
    ),
    "t04_checks_done": _wrap(
        SelfTest(
            HEAD,
            CHECKS[:5],
            verdict="limited",
            verdict_text="可以开放，但签注业务不能办：签注制证模块没有应答。",
            level=2,
            at="2026-03-18 14:32",
        )
    ),
    "t04_checks_long": _wrap(
        SelfTest(NOTED, LONG_CHECKS, verdict="not_ready", verdict_text="不能开放。", level=2, at="2026-03-18 14:32")
    ),
    "t04_checks_never": _wrap(SelfTest(REAL, ())),
}
