"""Slips to print in tests; all people are made up."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from kiosk.domain.slip import Barcode, Block, Feed, Pair, QrCode, Rule, Slip, Text

PAY_URL = "https://example.cn/pay?id=330201170000012"
NUMBER = "3302011700000123"


def signature() -> bytes:
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(20, 150), (160, 30), (240, 160), (420, 40), (560, 150)], fill="black", width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def slip(*blocks: Block) -> Slip:
    return Slip("test", blocks)


def decision() -> Slip:
    """About 60 lines on 80 mm paper, as long as a penalty decision gets."""
    return slip(
        Text("公安交通管理", "center"),
        Text("简易程序处罚决定书", "center", bold=True, size=2),
        Rule("solid"),
        Pair("决定书编号：", "330201-1700000123"),
        Pair("被处罚人：", "张三丰"),
        Pair("证件号码：", "330201********0009"),
        Pair("违法地点：", "中山东路与江厦街交叉口东侧五十米处（由西向东方向），设有明显的禁止停车标志。"),
        Rule(),
        *(
            Text("被处罚人违反了《中华人民共和国道路交通安全法》第五十六条第一款的规定，依法给予处罚。")
            for _ in range(22)
        ),
        Rule(),
        Pair("罚款", "¥200.00", right=True, bold=True),
        Pair("记分", "3 分", right=True),
        Rule("solid"),
        QrCode(PAY_URL, "扫码缴款"),
        Feed(),
        Barcode(NUMBER),
        Text("宁波市公安局交通警察支队", "right"),
    )
