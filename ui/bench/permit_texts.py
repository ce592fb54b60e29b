"""The bench's words for the card unit and the permit's chip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLACES: Mapping[str, str] = {
    "none": "里面没有卡",
    "mouth": "卡在插卡口",
    "reader": "卡在读卡位",
    "writer": "卡在写卡位",
    "printer": "卡在打印位",
    "jammed": "卡住了",
    "moving": "卡在走",
    "unknown": "不知道卡在哪里",
}

BINS: Mapping[str, tuple[str, Any]] = {
    "ok": ("收卡箱", "plain"),
    "high": ("收卡箱快满", "warn"),
    "full": ("收卡箱满", "bad"),
    "missing": ("没有收卡箱", "bad"),
}

UNIT_PHASES: Mapping[str, str] = {
    "entering": "正在收卡",
    "seating": "正在送到读卡位",
    "to_writer": "正在送到写卡位",
    "opening_chip": "正在打开芯片",
    "writing": "正在写芯片",
    "verifying": "正在核对芯片",
    "from_writer": "正在从写卡位送回",
    "to_printer": "正在送到打印位",
    "erasing": "正在擦除背面",
    "printing": "正在打印背面",
    "checking": "正在检查背面",
    "from_printer": "正在从打印位送回",
    "to_mouth": "正在退到插卡口",
    "to_bin": "正在收进收卡箱",
    "locating": "正在找卡",
    "looking": "正在拍照",
}

UNIT_REASONS: Mapping[str, str] = {
    "jam_entrance": "卡卡在入口",
    "jam_exit": "卡卡在出口",
    "jam_reader": "卡卡在读卡位",
    "jam_writer": "卡卡在写卡位",
    "jam_printer": "卡卡在打印位",
    "long_card": "退回：卡太长",
    "short_card": "退回：卡太短",
    "foreign_object": "退回：不是卡",
    "wrong_way": "退回：放反了",
    "pulled_out": "收卡时被拔出",
    "card_moved": "卡被手动过",
    "sensor": "传感器坏了",
    "motor": "电机不转",
    "shutter": "插卡口打不开",
}
