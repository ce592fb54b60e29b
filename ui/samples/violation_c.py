"""Samples of the citizen's own words, before a decision or with an objection, and of not signing."""

from __future__ import annotations

from dataclasses import replace

from config.tables import load_tables
from kiosk.screens.base import Button, Progress
from kiosk.screens.common import Message, StaffCheck
from kiosk.screens.form import Choice, FieldAsked
from kiosk.screens.violation import ExplainObjection, StateDefence
from ui.samples import Sample

_STEPS = ("刷身份证", "人脸核验", "选违法", "确认", "缴款")
_CONFIRM = Progress(_STEPS, 3)
_READY = tuple(Choice(sentence.id, sentence.text) for sentence in load_tables().plain.statement)
_PHONE = FieldAsked("phone", "手机号", "", "text", "digits", example="13800000000", max_length=11, optional=True)
_WORDS = FieldAsked("statement", "您的理由", "", "choice", "hanzi", _READY, open=True, max_length=200)
_STATE = StateDefence(
    "statement", "陈述申辩", "请说明您的理由", "驾车时有拨打、接听手持电话的行为。说了不会加重处罚。", (_WORDS, _PHONE)
)
_EXPLAIN = ExplainObjection(
    "objection",
    "提出异议",
    "要补充说明吗",
    "照片不清楚，看不出违法事实。可以不填，直接提交。",
    (
        FieldAsked("text", "补充说明", "", "text", "hanzi", example="当时是救护车通过", max_length=200, optional=True),
        _PHONE,
    ),
)
_TYPED = replace(_WORDS, value="前面的货车挡住了信号灯，我跟着它开，没有看到红灯亮了")

_LONGEST = replace(_WORDS, value=("前面的货车挡住了信号灯，我跟着它开，没有看到红灯亮了。" * 8)[:200])

SAMPLES: dict[str, Sample] = {
    "statement": Sample(_STATE, _CONFIRM),
    "statement_typed": Sample(replace(_STATE, fields=(_TYPED, _PHONE)), _CONFIRM),
    "statement_longest": Sample(replace(_STATE, fields=(_LONGEST, _PHONE)), _CONFIRM),
    "statement_missing": Sample(
        replace(_STATE, fields=(replace(_WORDS, trouble="请选一句，或写下您的理由。"), _PHONE)), _CONFIRM
    ),
    "objection_words": Sample(_EXPLAIN, _CONFIRM),
    "refusal_window": Sample(
        Message(
            "不签名，就不在本机处理",
            "没有作出处罚，没有记分，也没有扣款。请到人工窗口，由民警当面处理。",
            (Button("sign", "回去签名"), Button("slip", "打印提示单")),
            "info",
            "H11",
        ),
        _CONFIRM,
    ),
    "refusal_officer": Sample(
        StaffCheck("任*", "3302**********001X", "口令不对，还可以试 2 次。", about="refusal"), _CONFIRM
    ),
}
