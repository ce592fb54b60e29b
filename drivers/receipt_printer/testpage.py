"""What a technician prints: a page (is the width right, are the fonts there, can the codes be read), and a short slip."""

from __future__ import annotations

from kiosk.domain.slip import Barcode, Feed, Pair, QrCode, Rule, Slip, Text


def printer_page(columns: int, line: str) -> Slip:
    """`line` names the connection, e.g. /dev/ttyS2@19200."""
    ruler = "".join(str(column % 10) for column in range(1, columns + 1))
    return Slip(
        "test_page",
        (
            Text("打印测试", "center", bold=True, size=2),
            Text("凭条打印机自检页", "center"),
            Rule("solid"),
            Pair("连接：", line),
            Pair("列数：", str(columns)),
            Text(ruler),
            Text("粗体：宁波市公安局 ABC 0123", bold=True),
            Text("标点：，。、；：？（）《》“”…—·￥"),
            Text("生僻字：䶮 𠮷 㛃"),
            Pair("金额", "￥200.00", right=True),
            Rule(),
            QrCode("ONETRIP TEST 0123456789", "二维码应能扫出"),
            Feed(),
            Barcode("0123456789"),
            Feed(),
            Text("以上内容应完整、对齐、清晰", "center"),
        ),
    )


def short_page(columns: int) -> Slip:
    """About three centimetres."""
    ruler = "".join(str(column % 10) for column in range(1, columns + 1))
    return Slip(
        "test_slip",
        (
            Text("打印自检", "center", bold=True),
            Text(ruler),
            Text("字迹应清晰完整，凭条应切断", "center"),
        ),
    )
