"""Samples of the screens every service uses."""

from __future__ import annotations

import math

from kiosk.ports.devices import FaceHint, Frame
from kiosk.screens.base import Button, Progress, Row
from kiosk.screens.common import (
    FaceCheck,
    Finish,
    Home,
    Message,
    Notice,
    OutOfService,
    Phase,
    PlaceIdCard,
    ServiceCard,
    ServiceStart,
    StaffCheck,
    Working,
)
from ui.samples import Sample

STEPS = ("刷身份证", "人脸核验", "选违法", "确认", "缴款")

_SERVICES = (
    ServiceCard("violation", "交通违法处理", "查询、确认并缴纳本人违法罚款", 3, "身份证、驾驶证", "car-alert"),
    ServiceCard("endorsement", "港澳通行证再次签注", "卡式通行证，立等可取", 5, "身份证、通行证", "id-card"),
    ServiceCard("application", "自助填表", "一张表办三种证件", 4, "身份证", "form-pen"),
)
_TILES = (
    ServiceCard("progress", "办理进度查询", "", 1, "", "search"),
    ServiceCard("reprint", "补打凭证", "", 1, "", "printer"),
    ServiceCard("guide", "办事指南", "", 1, "", "map-pin"),
)
_LOCKED = ServiceCard(
    "endorsement",
    "港澳通行证再次签注",
    "卡式通行证，立等可取",
    5,
    "身份证、通行证",
    "id-card",
    "本机凭证打印机缺纸，请到旁边的机器或人工窗口办理。",
)
_LOCKED_TILE = ServiceCard(
    "reprint", "补打凭证", "", 1, "", "printer", "本机凭证打印机缺纸，请到旁边的机器或人工窗口办理。"
)

_TERMS = (
    "本机由公安机关设置，供您自助办理业务。办理结果与窗口办理效力相同。",
    "请使用本人有效的居民身份证。不得冒用他人证件，不得代他人签名。",
    "处理交通违法前，请确认您对违法事实没有异议。有异议的，可以陈述、申辩，也可以到窗口办理。",
    "您的证件信息和照片只用于本次办理。办理结束后，本机会清除这些信息。",
    "缴款后请取走凭证。凭证没有打印出来的，可以在任意一台自助机补打。",
)


def _frame() -> Frame:
    """A synthetic camera picture: a light oval on a graded ground. Nobody's face."""
    width, height = 640, 480
    rows = bytearray()
    for y in range(height):
        for x in range(width):
            inside = math.hypot((x - 320) / 105, (y - 225) / 140) < 1
            body = y > 380 and abs(x - 320) < 190
            shade = 205 if inside else 120 if body else 60 + y // 12
            rows += bytes((min(255, shade + 10), shade, max(0, shade - (0 if inside else 8))))
    return Frame(width, height, bytes(rows), 0.0, 1)


def _steps(current: int) -> Progress:
    return Progress(STEPS, current)


_STOPPED = "本机暂停缴款，请到旁边的机器或人工窗口办理。"
SAMPLES: dict[str, Sample] = {
    "c01_home": Sample(
        Home(_SERVICES, _TILES, Notice("warn", "本机打印机缺纸，今日签注业务请到 2 号机或人工窗口办理。")), back=False
    ),
    "c01_home_locked": Sample(
        Home((_SERVICES[0], _LOCKED, _SERVICES[2]), (*_TILES[:1], _LOCKED_TILE, *_TILES[2:])), back=False
    ),
    "c01_home_one": Sample(Home(_SERVICES[:1], _TILES[1:2]), back=False),
    "c01_home_one_notice": Sample(
        Home(
            (_SERVICES[0]._replace(unavailable="正在准备设备，请稍等。"),),
            (_TILES[1]._replace(unavailable="本机凭证打印机缺纸。"),),
            Notice("warn", "本机打印机缺纸，请到 2 号机或人工窗口办理。"),
        ),
        back=False,
    ),
    "c01_home_paying_stopped": Sample(
        Home(
            (_SERVICES[0], _SERVICES[1]._replace(unavailable=_STOPPED), *_SERVICES[2:]),
            _TILES,
            Notice("warn", "本机暂停缴款。可以在本机处理违法，罚款请到旁边的机器或用 12123 App 缴。"),
        ),
        back=False,
    ),
    "c01_home_more": Sample(
        Home(_SERVICES, _TILES),
        back=False,
        act=lambda page: page._toggle_more() if page.theme.large else None,  # type: ignore[attr-defined]
    ),
    "c03_start": Sample(
        ServiceStart("交通违法处理", "本人身份证、驾驶证", "约 3 分钟", "罚款以查询到的为准，不收手续费", _TERMS)
    ),
    "c03_start_missing": Sample(
        ServiceStart("交通违法处理", "本人身份证、驾驶证", "约 3 分钟", "罚款以查询到的为准，不收手续费", _TERMS),
        act=lambda page: page.on_next(),
    ),
    "c03_start_terms": Sample(
        ServiceStart("交通违法处理", "本人身份证、驾驶证", "约 3 分钟", "罚款以查询到的为准，不收手续费", _TERMS),
        act=lambda page: page.open_terms(),  # type: ignore[attr-defined]
    ),
    "c04_id_card": Sample(PlaceIdCard(), _steps(0)),
    "c04_id_card_down": Sample(PlaceIdCard(arrow="down", position="位置在屏幕正下方，看到蓝色灯圈的地方"), _steps(0)),
    "c04_id_card_reading": Sample(PlaceIdCard("reading"), _steps(0)),
    "c04_id_card_done": Sample(PlaceIdCard("done"), _steps(0)),
    "c04_id_card_lift": Sample(PlaceIdCard("lift_first"), _steps(0)),
    "c04_id_card_trouble": Sample(PlaceIdCard(trouble="没有读到，请取下卡套，再放一次。"), _steps(0)),
    "c05_face": Sample(FaceCheck(FaceHint.TOO_FAR, 0.66, "seeking", _frame()), _steps(1)),
    "c05_face_empty": Sample(FaceCheck(), _steps(1)),
    "c05_face_ok": Sample(FaceCheck(FaceHint.OK, 1.0, "ok", _frame()), _steps(1)),
    "staff_check": Sample(StaffCheck("张*明", "3302**********1234"), _steps(1)),
    "staff_check_trouble": Sample(StaffCheck("张*明", "3302**********1234", "密码不对，还可以再试 2 次。"), _steps(1)),
    "c12_working": Sample(
        Working(
            "正在办理，请稍等",
            (
                Phase("提交处罚决定", "done"),
                Phase("登记缴款", "doing"),
                Phase("打印凭证", "todo"),
            ),
            "付款已收到，登记完成前不能退出。",
        ),
        _steps(4),
        back=False,
        cancel=False,
    ),
    "c12_working_unknown": Sample(
        Working(
            "正在核对付款结果",
            (Phase("提交处罚决定", "done"), Phase("核对付款结果", "unknown"), Phase("打印核对单", "todo")),
        ),
        _steps(4),
        back=False,
        cancel=False,
    ),
    "c13_finish": Sample(
        Finish("缴款成功，已处理 2 条违法", "凭证已打印 · 流水号 2026 0318 0042", ("身份证", "凭证")), cancel=False
    ),
    "c13_finish_unpaid": Sample(
        Finish(
            "处罚已确认，还没有缴款",
            "决定书已打印 · 流水号 2026 0318 0043",
            ("身份证", "决定书"),
            "info",
            ("请在 2026年4月2日 前缴款，可在手机或任意一台自助机缴。",),
        ),
        cancel=False,
    ),
    "c13_finish_unknown": Sample(
        Finish(
            "付款结果还在核对",
            "核对单已打印 · 流水号 2026 0318 0044",
            ("核对单",),
            "warn",
            ("手机显示已付款的，请不要重复付款。", "1 个工作日内可在窗口或手机查询结果。"),
        ),
        cancel=False,
    ),
    "c13_finish_later": Sample(
        Finish(
            "已收到付款，登记还在处理",
            "核对单已打印 · 流水号 2026 0318 0045",
            ("身份证", "核对单"),
            "info",
            ("不用再付。登记好以后，可刷身份证补打凭证。",),
        ),
        cancel=False,
    ),
    "c13_finish_reasons": Sample(
        Finish(
            "缴款成功，已处理 2 条违法",
            "凭证已打印 · 流水号 2026 0318 0042",
            (),
            notes=("1 个工作日内可在手机上查到缴款记录。",),
        ),
        act=lambda page: page.restore((28, 2, (True, False, False, False))),
    ),
    "c22_message": Sample(
        Message(
            "没有读到身份证",
            "请取下卡套，平放在蓝色灯圈内，听到“嘀”声再拿开。",
            (Button("retry", "再试一次"), Button("staff", "改用人工核验")),
            "warn",
            "E-IDR-03",
        )
    ),
    "c22_message_paid": Sample(
        Message(
            "已收到付款，登记还在处理",
            "请拿好核对单，1 个工作日内可在窗口或手机查询。请不要重复付款。",
            (Button("print", "打印核对单"),),
            "info",
            "E-PAY-11",
            (Row("流水号", "2026 0318 0042"), Row("金额", "¥150.00")),
            "https://example.invalid/s/202603180042",
        ),
        back=False,
    ),
    "c23_out_of_service": Sample(
        OutOfService("正在维护", "今天 15:30", "请到 2 号机或人工窗口办理（周一至周五 8:30 至 17:00）。"),
        back=False,
        cancel=False,
    ),
    "c24_idle": Sample(StaffCheck("张*明", "3302**********1234"), _steps(1), overlay=lambda frame: frame.show_idle(23)),
    "c25_help": Sample(PlaceIdCard(), _steps(0), overlay=lambda frame: frame.open_help()),
    "c26_leave": Sample(StaffCheck("张*明", "3302**********1234"), _steps(1), overlay=lambda frame: frame.ask_exit()),
}
