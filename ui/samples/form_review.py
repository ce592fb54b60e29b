"""Samples of checking and previewing an application form: fictional people, the longest answers, nothing filled in yet."""

from __future__ import annotations

from functools import cache
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter

from config.form_tables import load_form
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import Photo
from kiosk.screens.base import Progress
from kiosk.screens.form import AnswerRow, AnswerSection, PreviewForm, ReviewForm
from ui.errand import finish_all
from ui.pages.base import PageWidget
from ui.samples import Sample

_STEPS = ("刷身份证", "补充信息", "核对", "预览", "打印")
_REVIEW, _PREVIEW = Progress(_STEPS, 2), Progress(_STEPS, 3)


@cache
def portrait() -> Photo:
    """A drawn head on white, in the proportions of a picture for documents. Nobody's face."""
    image = QImage(354, 472, QImage.Format.Format_RGB32)
    image.fill(QColor(248, 249, 251))
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(QColor(0, 0, 0, 0))
    p.setBrush(QColor(52, 66, 92))
    p.drawRoundedRect(40, 350, 274, 240, 110, 110)
    p.setBrush(QColor(222, 190, 168))
    p.drawRect(147, 290, 60, 90)
    p.drawEllipse(97, 86, 160, 220)
    p.setBrush(QColor(38, 34, 34))
    p.drawChord(90, 70, 174, 190, 10 * 16, 160 * 16)
    p.end()
    bits = QByteArray()
    buffer = QBuffer(bits)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Photo(bytes(bits.data()))


def _card(label: str, value: str) -> AnswerRow:
    return AnswerRow(label, value, "card", "")


def _own(label: str, value: str, question: str, trouble: str = "") -> AnswerRow:
    return AnswerRow(label, value, "citizen" if value else None, question, trouble)


_SHORT = (
    AnswerSection(
        "个人信息",
        (
            _card("姓名", "吕*明"),
            AnswerRow("拼音姓名", "LYU XIAOMING", "machine", "pinyin", confirm=True),
            _card("身份证号", "3302**********0001"),
            _card("出生日期", "1988年6月12日"),
        ),
    ),
    AnswerSection("联系方式", (_own("手机号码", "138****0000", "phone"),)),
    AnswerSection("紧急联系人", (_own("紧急联系人", "", "emergency"),)),
)
_LONGEST_NAME = "阿卜杜热西提·阿卜杜拉·买买提艾力"
_ADDRESS = (
    "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县孙扎齐牛录镇解放西路一百二十八号幸福小区七幢二单元六〇一室"
)
_FULL = (
    AnswerSection(
        "个人信息",
        (
            AnswerRow("中文姓", "阿卜杜热西提", "card", "split"),
            AnswerRow("中文名", "·阿卜杜拉·买买提艾力", "card", "split"),
            AnswerRow("拼音姓", "ABDUREXIT", "machine", "pinyin", confirm=True),
            AnswerRow("拼音名", "ABDULLA MEMETELI", "machine", "pinyin", confirm=True),
            _card("身份证号码", "6541**********0001"),
            _card("性别", "男"),
            _card("民族", "维吾尔族"),
            _card("出生日期", "1990年3月7日"),
            AnswerRow("出生地", "新疆", "machine", "birth_place", confirm=True),
            AnswerRow("户口所在地", _ADDRESS, "card", "address"),
            AnswerRow("申请人类别", "普通居民", "machine", "class"),
        ),
    ),
    AnswerSection(
        "联系方式",
        (
            _own("联系电话", "138****0000", "phone"),
            _own("紧急联系人姓名", "𠮷䶮㛃𬱖", "emergency"),
            _own("紧急联系人电话", "139****0000", "emergency"),
            _own("文化程度", "", "education"),
            _own("工作单位", "", "employer"),
        ),
    ),
    AnswerSection(
        "办理内容",
        (
            _own("申请普通护照", "办理", "documents"),
            _own("申请往来港澳通行证", "办理", "documents"),
            _own("港澳通行证申请类别", "通行证和签注", "hkmo"),
            _own("香港签注", "探亲", "endo_hk"),
            _own("澳门签注", "探亲", "endo_mo"),
            _own("港澳亲属姓名", "阿依古丽·麦麦提依明·买买提艾力·图尔荪江", "relative"),
            _own("港澳亲属性别", "女", "relative"),
            _own("亲属是申请人的", "父母", "relative"),
            _own("亲属港澳身份证号", "A123456(9)", "relative_papers", "港澳身份证号不对，括号里的校验码也要写，请核对"),
            _own("亲属旅行证件号", "H12345678901234567890", "relative_papers"),
            _own("台湾通行证申请类别", "仅签注", "tw"),
            _own("往来台湾通行证号码", "L12345678", "tw"),
            _own("赴台申请事由", "团队旅游", "tw"),
        ),
    ),
    AnswerSection(
        "取证方式",
        (
            _own("取证方式", "邮寄送达", "delivery"),
            _own("邮寄地址", _ADDRESS, "post_addr"),
            AnswerRow("邮政编码", "835300", "hall", "post_addr"),
            _own("收件人", _LONGEST_NAME, "post_to"),
            _own("收件人电话", "138****0000", "post_to"),
        ),
    ),
)
_NOTHING = (
    AnswerSection("个人信息", (_card("姓名", "王*"), _card("身份证号", "3302**********0001"))),
    AnswerSection(
        "联系方式",
        tuple(
            _own(label, "", label)
            for label in ("联系电话", "紧急联系人姓名", "紧急联系人电话", "文化程度", "申请证件种类", "取证方式")
        ),
    ),
)

_VALUES = {
    "surname_cn": "欧阳",
    "given_cn": "晓明",
    "surname_py": "OUYANG",
    "given_py": "XIAOMING",
    "id_no": "330212199003070009",
    "sex": "1",
    "ethnic": "01",
    "birth": "1990-03-07",
    "birth_place": "33",
    "hukou_addr": "浙江省宁波市鄞州区中河街道四明中路一百二十八号幸福小区七幢二单元六〇一室",
    "phone": "13800000000",
    "emer_name": "王一",
    "emer_phone": "13900000000",
    "want_passport": "1",
    "want_hkmo": "1",
    "hkmo_scope": "both",
    "endo_hk": "G",
    "endo_mo": "L",
    "delivery": "window",
    "barcode_passport": "E33020020261121001",
    "barcode_hkmo": "C33020020261121002",
}
_FILLED = frozenset(
    {"surname_cn", "given_cn", "surname_py", "given_py", "id_no", "sex", "ethnic", "birth", "birth_place"}
)
_QR = "https://example.invalid/f/" + "A1b2C3d4" * 30


@cache
def merged() -> Sheet:
    return Sheet(load_form("CRJ-2014"), _VALUES, portrait(), _QR, _FILLED)


@cache
def older() -> tuple[Sheet, ...]:
    names = {"name": "欧阳晓明", "id_no": "330212199003070009"}
    forms = (load_form(f"LEGACY-{name}") for name in ("PASSPORT", "HKMO", "TW"))
    return tuple(Sheet(form, names, marked=frozenset(names)) for form in forms)


def settle(page: PageWidget[Any]) -> None:
    """What is painted and decoded elsewhere has arrived."""
    for _ in range(2):
        QCoreApplication.sendPostedEvents()
        page.grab()  # what is to be painted elsewhere is asked for when a widget is painted
        finish_all()


def _turned(page: PageWidget[Any]) -> None:
    page.on_next()
    settle(page)


def _zoomed(page: PageWidget[Any]) -> None:
    settle(page)
    page.zoom(True)  # type: ignore[attr-defined]
    settle(page)


_ALL = ReviewForm(_FULL, portrait())
_FOUR = PreviewForm((merged(), *older()), ("表一", "表二", "表三", "表四"), two_sided=True)
SAMPLES: dict[str, Sample] = {
    "c20_review_missing": Sample(ReviewForm(_SHORT, None, "到窗口交照片", ("紧急联系人",), papers=3), _REVIEW),
    "c20_review_done": Sample(
        ReviewForm((*_SHORT[:2], AnswerSection("紧急联系人", (_own("紧急联系人", "王一", "emergency"),))), portrait()),
        _REVIEW,
        act=settle,
    ),
    "c20_review_longest": Sample(_ALL, _REVIEW, act=settle),
    "c20_review_longest_next": Sample(_ALL, _REVIEW, act=_turned),
    "c20_review_nothing": Sample(
        ReviewForm(
            _NOTHING,
            missing=("联系电话", "紧急联系人姓名", "紧急联系人电话", "申请证件种类", "取证方式", "照片"),
        ),
        _REVIEW,
    ),
    "c20_review_receipt": Sample(ReviewForm(_SHORT[:2], None, "相片回执 3302000000000001"), _REVIEW),
    "c21_preview": Sample(PreviewForm((merged(),), ("表一",)), _PREVIEW, act=settle),
    "c21_preview_painting": Sample(PreviewForm((merged(),), ("表一",)), _PREVIEW),
    "c21_preview_four": Sample(_FOUR, _PREVIEW, act=settle),
    "c21_preview_note": Sample(
        PreviewForm(
            (merged(), older()[0], older()[2]),
            ("表一", "表二", "表三"),
            note="暂时没有传到业务系统，不影响打印和到窗口办理。",
        ),
        _PREVIEW,
        act=settle,
    ),
    "c21_preview_zoomed": Sample(_FOUR, _PREVIEW, act=_zoomed),
    "c21_preview_zoomed_one": Sample(PreviewForm((merged(),), ("表一",)), _PREVIEW, act=_zoomed),
}
"""What a page says is masked here; what is painted on the forms is not text of the page."""
