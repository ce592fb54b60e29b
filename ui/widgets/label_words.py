"""Labels of forms on two lines: the words they are made of are not torn apart."""

from __future__ import annotations

import re

_WORDS = (
    "紧急联系人", "联系人", "监护人", "申请人", "收件人", "通行证", "身份证", "旅行证", "护照", "签注", "签证", "有效期",
    "往来", "港澳", "台湾", "香港", "澳门", "亲属", "申请", "类别", "号码", "电话", "姓名", "关系", "事由", "地址",
    "方式", "单位", "程度", "户口", "所在地", "出生", "日期", "邮政", "编码", "职业", "（选填）",
)  # fmt: skip
"""What labels of application forms are made of. Others are broken where a line ends."""
_FOUND = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))
_JOINER = "\u2060"


def unbroken(text: str, font_px: int, width: float) -> str:
    """`text` for a paragraph of this width: as it is where it surely is one line (no character is wider than a hanzi)."""
    if len(text) * font_px < width:
        return text
    return _FOUND.sub(lambda found: _JOINER.join(found[0]), text)
