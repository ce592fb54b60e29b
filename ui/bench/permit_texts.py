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

PERMIT_FAULTS: Mapping[str, str] = {
    "JAM.ENTRANCE": "收卡时卡在入口",
    "JAM.READER": "到读卡位前卡住",
    "JAM.WRITER": "去写卡位的路上卡住",
    "JAM.PRINTER": "去打印位的路上卡住",
    "JAM.EXIT": "退卡或收卡箱的路上卡住",
    "CARD.LONG": "下一张卡太长，退回",
    "CARD.SHORT": "下一张卡太短，退回",
    "CARD.FOREIGN": "下一张不是卡，退回",
    "CARD.WRONG_WAY": "下一张卡放反了，退回",
    "CARD.NOT_TAKEN": "人不取卡（取走无效）",
    "SHUTTER.STUCK": "插卡口打不开",
    "SENSOR.DEAD": "传感器看不见卡",
    "MOTOR.STUCK": "电机不转，卡不动",
    "BIN.FULL": "收卡箱满",
    "BIN.MISSING": "收卡箱被取走",
    "WRITE.REFUSED": "写卡器不收数据，芯片没有动",
    "WRITE.FAILS": "写卡失败，芯片没有动",
    "WRITE.VERIFY": "读回来的和写的不一样",
    "WRITE.ANSWER_LOST": "已写好，回答丢失",
    "PRINT.FAILS": "打印头坏，背面擦了没有印",
    "PRINT.ANSWER_LOST": "已印好，回答丢失",
    "PICTURE.NONE": "拍不到背面",
    "OCR.NOISE": "机读行有一个字认错",
    "OCR.EMPTY": "机读行认不出来",
    "POWER.BEFORE_WRITE": "写芯片之前断电1秒",
    "POWER.DURING_WRITE": "写芯片中途断电1秒",
    "POWER.AFTER_WRITE": "芯片写好后断电1秒",
    "POWER.PHASE": "做到某一步时断电",
    "PCSC.MUTE": "芯片不应答",
    "PCSC.PULLED": "读到一半卡离开",
    "PCSC.6982": "芯片说会话已断（6982）",
    "PCSC.SM_MAC": "加密应答的校验码不对",
    "PCSC.61": "应答分几段来（61xx）",
    "PCSC.6C": "长度不合，要重读（6Cxx）",
    "PCSC.SHORT": "一次最多给100字节",
    "PCSC.SLOW": "每个应答慢0.2秒",
    "PCSC.ATR": "ATR没有人认识",
    "CHIP.REFUSAL": "密钥不对时回答6982",
    "CHIP.NO_COM": "缺EF.COM",
    "CHIP.NO_SOD": "缺EF.SOD",
    "CHIP.BAD_SOD": "EF.SOD里的摘要不对",
    "CHIP.GARBLED_SOD": "EF.SOD是乱码",
    "PACE.REFUSED": "有PACE却不能用",
}
