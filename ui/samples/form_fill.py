"""Samples of C18 and C19: fictional people, the questions of the shipped form, and the longest that may be typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QWidget

from config.form_tables import load_form
from kiosk.journeys.form.ask import keypad_of, way_of
from kiosk.screens.base import Progress
from kiosk.screens.form import Choice, FieldAsked, FormQuestion, FormSections, Origin, SectionRow
from ui.errand import finish_all
from ui.pages.base import PageWidget
from ui.samples import Sample

_STEPS = Progress(("刷身份证", "补充信息", "照片", "核对", "打印"), 1)
_FORM = load_form()

LONGEST_NAME = "阿布都热依木·买买提明·吾斯曼·艾合买提江"
RARE_NAME = "𬎆𫖯·𠮷𣗋"
LONG_ADDRESS = (
    "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿合奇县哈拉奇乡阿合奇村阿合奇"
    "自然村兵团第二师家属区东风新村三期第十二幢乙单元十一楼一千一百零二室北户"
)
"""70 characters: what the form takes."""


def asked(
    key: str, value: str = "", origin: Origin | None = None, trouble: str = "", locked: bool = False
) -> FieldAsked:
    """A field as the journey asks it."""
    field = _FORM.field_of(key)
    choices = tuple(Choice(o.code, o.text, o.hint) for o in _FORM.options(field))
    return FieldAsked(
        key=key,
        label=field.label,
        value=value,
        ask=way_of(_FORM, field),
        keypad=keypad_of(_FORM, field),
        choices=choices,
        open=field.open,
        example=field.example,
        max_length=field.max_length,
        origin=origin,
        locked=locked,
        optional=not field.required,
        trouble=trouble,
    )


def question(id: str, *fields: FieldAsked, changing: bool = False) -> FormQuestion:
    """A question of the shipped form with these fields."""
    found = next(q for q in _FORM.question if q.id == id)
    section = next(s.title for s in _FORM.section if s.id == found.section)
    return FormQuestion(id, section, found.title, found.hint, fields, changing)


def tap(page: QWidget, name: str) -> None:
    """A key, a card or a row, as a finger does; its second tap in a row counts too."""
    found = next(b for b in page.findChildren(QAbstractButton, name) if not b.isHidden())
    found._last_tap = float("-inf")  # type: ignore[attr-defined]
    found.click()


def _taps(*names: str) -> Callable[[PageWidget[Any]], None]:
    def act(page: PageWidget[Any]) -> None:
        for name in names:
            finish_all()  # lists that are read beside
            while not _there(page, name):
                tap(page, next(n for n in _PAGERS if _there(page, n)))
            tap(page, name)

    return act


def _there(page: QWidget, name: str) -> bool:
    return any(not b.isHidden() and b.isEnabled() for b in page.findChildren(QAbstractButton, name))


_PAGERS = ("form.areas.post_addr.list.pager.next", "form.pager.next")


def _settle(page: PageWidget[Any]) -> None:
    finish_all()


def _first(page: PageWidget[Any]) -> None:
    """To the first field, which may be overleaf."""
    tap(page, next(name for name in ("form.field.post_addr", "form.pager.previous") if _there(page, name)))


def _pinyin(letters: str) -> Callable[[PageWidget[Any]], None]:
    return _taps(*(f"form.hanzi.pinyin.{letter}" for letter in letters.upper()))


_GUARDIAN = (
    asked("guardian_name", "张大明", "citizen"),
    asked("guardian_id_no", "330203198001010007", "citizen"),
    asked("guardian_relation"),
    asked("guardian_phone"),
)
_CARD = (
    asked("id_no", "330203198806120004", "card", locked=True),
    asked("sex", "1", "card", locked=True),
    asked("ethnic", "01", "card", locked=True),
    asked("birth", "1988-06-12", "card", locked=True),
)
_SECTIONS = (
    SectionRow("person", "个人信息", "已自动填好", True),
    SectionRow("contact", "联系方式", "缺 1 项", False),
    SectionRow("apply", "申请内容", "未填", False),
    SectionRow("delivery", "取证方式", "未填", False),
)
_DONE = tuple(replace(row, text="已填好", done=True) for row in _SECTIONS)
_MANY = tuple(
    SectionRow(f"s{i}", f"第 {i} 部分：随行人员和监护人", "已填好" if i % 3 == 0 else f"缺 {i} 项", i % 3 == 0)
    for i in range(1, 10)
)
_BROUGHT = "从手机带入了 6 项，请看看对不对。"


def _wide(count: int) -> FormQuestion:
    """A hall's own form asks more on one page than there is room for."""
    fields = tuple(
        FieldAsked(f"own_{i}", f"第 {i} 位同行人姓名", "", "text", "hanzi", optional=i > 1, max_length=30)
        for i in range(1, count + 1)
    )
    return FormQuestion("own", "出行信息", "同行的有哪些人？", "没有就不填。", fields)


SAMPLES: dict[str, Sample] = {
    "c18_sections": Sample(FormSections("填写申请信息", "张*明", _SECTIONS, 18, 21, can_bring=True), _STEPS),
    "c18_sections_no_phone": Sample(FormSections("填写申请信息", "张*明", _SECTIONS, 18, 21), _STEPS),
    "c18_sections_brought": Sample(
        FormSections("填写申请信息", "阿**********江", _SECTIONS, 18, 21, can_bring=True, note=_BROUGHT), _STEPS
    ),
    "c18_sections_done": Sample(FormSections("填写申请信息", "张*明", _DONE, 21, 21, can_bring=True), _STEPS),
    "c18_sections_empty": Sample(FormSections("填写申请信息", "", _SECTIONS[1:2], 0, 3), _STEPS),
    "c18_sections_many": Sample(
        FormSections("填写申请信息", "张*明", _MANY, 3, 40, can_bring=True, note=_BROUGHT), _STEPS
    ),
    "c19_phone": Sample(question("phone", asked("phone")), _STEPS),
    "c19_phone_trouble": Sample(
        question("phone", asked("phone", "1380000000", "citizen", "手机号码应是 11 位，1 开头，请核对")), _STEPS
    ),
    "c19_phone_full": Sample(question("phone", asked("phone", "13800000000", "citizen"), changing=True), _STEPS),
    "c19_emergency": Sample(question("emergency_name", asked("emer_name")), _STEPS),
    "c19_emergency_typing": Sample(
        question("emergency_name", asked("emer_name")), _STEPS, act=_pinyin("zhangxiaoming")
    ),
    "c19_emergency_no_such": Sample(question("emergency_name", asked("emer_name")), _STEPS, act=_pinyin("uuv")),
    "c19_emergency_longest": Sample(
        question("emergency_name", asked("emer_name", LONGEST_NAME, "citizen"), changing=True), _STEPS
    ),
    "c19_emergency_rare": Sample(question("emergency_name", asked("emer_name", RARE_NAME, "citizen")), _STEPS),
    "c19_emergency_signs": Sample(
        question("emergency_name", asked("emer_name", "买买提", "citizen")),
        _STEPS,
        act=_taps("form.hanzi.pinyin.sheet.signs"),
    ),
    "c19_emergency_letters": Sample(
        question("emergency_name", asked("emer_name", "LI", "citizen")),
        _STEPS,
        act=_taps("form.hanzi.pinyin.sheet.letters"),
    ),
    "c19_identity": Sample(question("identity", *_CARD), _STEPS),
    "c19_name": Sample(
        question(
            "name",
            asked("name", LONGEST_NAME, "card", locked=True),
            asked("surname_cn", RARE_NAME, "card", locked=True),
            asked("given_cn", "", None, locked=True),
        ),
        _STEPS,
    ),
    "c19_birth_place": Sample(question("birth_place", asked("birth_place", "33", "machine")), _STEPS),
    "c19_birth_place_trouble": Sample(
        question("birth_place", asked("birth_place", "", None, "出生地填省名，或者国家名称")), _STEPS
    ),
    "c19_birth_place_other": Sample(question("birth_place", asked("birth_place", "新加坡", "citizen")), _STEPS),
    "c19_ethnic": Sample(
        FormQuestion("ethnic", "个人信息", "您是哪个民族？", "", (asked("ethnic", "01", "machine"),)), _STEPS
    ),
    "c19_ethnic_last": Sample(
        FormQuestion("ethnic", "个人信息", "您是哪个民族？", "", (asked("ethnic", "56", "citizen"),)), _STEPS
    ),
    "c19_class": Sample(question("class", asked("applicant_class", "general", "machine")), _STEPS),
    "c19_endorsement": Sample(question("endo_hk", asked("endo_hk")), _STEPS),
    "c19_tw_reason": Sample(question("tw_reason", asked("tw_reason")), _STEPS),
    "c19_what": Sample(
        question("what", asked("want_passport"), asked("want_hkmo", "1", "citizen"), asked("want_tw")), _STEPS
    ),
    "c19_what_trouble": Sample(
        question("what", asked("want_passport", "", None, "请至少选一样"), asked("want_hkmo"), asked("want_tw")), _STEPS
    ),
    "c19_passport_old": Sample(
        question("passport_old", asked("passport_lost"), asked("passport_old_no"), asked("passport_old_valid_to")),
        _STEPS,
    ),
    "c19_passport_old_no": Sample(
        question(
            "passport_old",
            asked("passport_lost", "no", "citizen"),
            asked("passport_old_no", "E1234", "citizen", "护照号码是 9 位，字母开头，请核对"),
            asked("passport_old_valid_to"),
        ),
        _STEPS,
    ),
    "c19_date": Sample(
        question(
            "passport_old",
            asked("passport_lost", "no", "citizen"),
            asked("passport_old_no"),
            asked("passport_old_valid_to", "20310", "citizen"),
        ),
        _STEPS,
        act=_taps("form.field.passport_old_valid_to"),
    ),
    "c19_optional_empty": Sample(question("hkmo_permit", asked("hkmo_permit_no")), _STEPS),
    "c19_pinyin_letters": Sample(
        question("pinyin", asked("surname_py", "ABUDUREYIMU", "machine"), asked("given_py", "", "machine")), _STEPS
    ),
    "c19_guardian": Sample(question("guardian", *_GUARDIAN), _STEPS),
    "c19_guardian_name": Sample(question("guardian", *_GUARDIAN), _STEPS, act=_taps("form.field.guardian_name")),
    "c19_guardian_trouble": Sample(
        question(
            "guardian",
            replace(_GUARDIAN[0], trouble="监护人姓名请写 2 到 30 个字"),
            replace(_GUARDIAN[1], trouble="监护人身份证号码不对，请核对 18 位"),
            replace(_GUARDIAN[2], trouble="请选一个"),
            replace(_GUARDIAN[3], trouble="监护人电话应是 11 位手机号码，1 开头"),
        ),
        _STEPS,
    ),
    "c19_wide": Sample(_wide(9), _STEPS),
    "c19_address": Sample(
        question("hukou", asked("hukou_addr", "浙江省宁波市海曙区解放南路1弄2号303室", "card")), _STEPS
    ),
    "c19_address_longest": Sample(question("hukou", asked("hukou_addr", LONG_ADDRESS, "card")), _STEPS),
    "c19_address_full": Sample(
        question("hukou", asked("hukou_addr", LONG_ADDRESS, "card")), _STEPS, act=_pinyin("hao")
    ),
    "c19_address_changed": Sample(
        question("hukou", asked("hukou_addr", LONG_ADDRESS, "card")), _STEPS, act=_taps("form.hanzi.pinyin.delete")
    ),
    "c19_address_province": Sample(question("post_addr", asked("post_addr")), _STEPS, act=_settle),
    "c19_address_city": Sample(
        question("post_addr", asked("post_addr")), _STEPS, act=_taps("form.areas.post_addr.list.65")
    ),
    "c19_address_county": Sample(
        question("post_addr", asked("post_addr")),
        _STEPS,
        act=_taps("form.areas.post_addr.list.33", "form.areas.post_addr.list.3302"),
    ),
    "c19_post_longest": Sample(
        question("post_addr", asked("post_addr", LONG_ADDRESS, "machine"), asked("post_code")),
        _STEPS,
        act=_first,
    ),
    "c19_post_long": Sample(
        question("post_addr", asked("post_addr", LONG_ADDRESS[:58], "machine"), asked("post_code")),
        _STEPS,
        act=_first,
    ),
    "c19_post_trouble": Sample(
        question(
            "post_addr",
            asked("post_addr", LONG_ADDRESS, "citizen", "邮寄地址里有不能用的字符，请核对"),
            asked("post_code", "31510", "citizen", "邮编是 6 位数字，请核对"),
        ),
        _STEPS,
    ),
    "c19_post": Sample(question("post_addr", asked("post_addr", LONG_ADDRESS, "machine"), asked("post_code")), _STEPS),
}
