"""The penalty decision on A4 and on receipt paper: the same words, and codes that scan back from both."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from PySide6.QtWidgets import QApplication

from config.tables import load_tables
from drivers.receipt_printer.encode import Encoder
from drivers.receipt_printer.options import EncodeOptions
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.domain.decision_slip import decision_slip
from kiosk.domain.slip import Barcode, Pair, QrCode, Rule, Slip, Text
from kiosk.domain.slips import payment_voucher, reprint
from kiosk.domain.violation import EBill
from tests.domain.conftest import make_decision, make_record
from tests.domain.test_texts_slips import AT, decision_data, voucher
from tests.ui.forms.paper import MISSING, fonts, grey, pages, picture, words
from ui.forms.painter import PagePainter
from ui.forms.pdf import make_slip_pdf

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
NUMBER = "3302122600000017"
TABLES = load_tables()
BILL = EBill("issued", "33020126", "0000012345", "a1b2c3", "https://ebill.example/33020126/0000012345/a1b2c3")


def signature() -> bytes:
    image = Image.new("1", (900, 300), 1)
    ImageDraw.Draw(image).line([(50, 200), (200, 50), (300, 250), (500, 80), (820, 190)], fill=0, width=9)
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def decision(**changes: object) -> Slip:
    changes = {"signature_png": signature(), "vehicle_kind": "小型轿车", **changes}
    return decision_slip(decision_data(**changes), TABLES.legal, TABLES.rules)


def a4(slip: Slip, folder: Path) -> Path:
    pdf, warnings = make_slip_pdf(slip)
    assert not any(warnings), warnings
    file = folder / "slip.pdf"
    file.write_bytes(pdf)
    return file


def plain(text: str) -> str:
    return "".join(text.split())


def told(slip: Slip) -> list[str]:
    """Each text and each value by itself, without the breaks of any paper."""
    found = []
    for block in slip.blocks:
        if isinstance(block, Text):
            found.append(plain(block.text))
        elif isinstance(block, Pair):
            found += [plain(block.label), plain(block.value)]
        elif isinstance(block, Barcode):
            found.append(block.data)
    return found


def codes(pixels: object) -> set[tuple[str, str]]:
    return {(code.format.name, code.text) for code in zxingcpp.read_barcodes(pixels)}


async def test_all_of_it_stands_on_one_page(qapp: QApplication, tmp_path: Path) -> None:
    """Also a copy, with the reminder of nine points: whatever stands on the slip stands on A4, and its codes scan."""
    slip = reprint(decision(decision=make_decision(points_total=9, officer="警号 027000")), AT, 2)
    file = tmp_path / "slip.pdf"
    file.write_bytes(await PagePainter().slip_pdf(slip))
    assert pages(file) == 1
    seen = plain("".join(word.text for word in sorted(words(file), key=lambda w: (round(w.top), w.left))))
    for part in told(slip):
        assert part in seen or all(line in seen for line in _pieces(part)), part
    assert all(" yes " in line for line in fonts(file)), "a font is not embedded"
    assert codes(grey(picture(file, 300))) == {("Code128", NUMBER), ("QRCode", NUMBER)}


def _pieces(part: str) -> list[str]:
    """What is broken over lines stands there in pieces: ten characters at a time, but for where a line ends."""
    return [part[:10], part[-10:]]


async def test_a_long_law_goes_onto_a_second_page_and_nothing_is_lost(qapp: QApplication, tmp_path: Path) -> None:
    long = "《中华人民共和国道路交通安全法实施条例》第六十二条第三项、" * 30
    slip = decision(record=make_record(provisions=f"{long}《末尾》"))
    file = a4(slip, tmp_path)
    assert pages(file) == 2
    first, second = (plain("".join(word.text for word in words(file, n))) for n in (1, 2))
    assert "第1页，共2页" in first
    assert "第2页，共2页" in second
    assert "《末尾》" in first + second
    assert "被处罚人签名：" in second
    assert "备注" in second


def test_what_announces_something_stays_with_it(qapp: QApplication, tmp_path: Path) -> None:
    """A caption is never the last line of a page."""
    for lines in range(38, 50):
        slip = Slip("x", (*(Text(f"第{n}行。") for n in range(lines)), Text("被处罚人签名："), Text("拒绝签名。")))
        file = a4(slip, tmp_path)
        for page in range(1, pages(file) + 1):
            seen = plain("".join(word.text for word in words(file, page)))
            assert ("被处罚人签名" in seen) == ("拒绝签名" in seen)


def test_a_character_no_font_has_is_reported(qapp: QApplication) -> None:
    _, warnings = make_slip_pdf(Slip("x", (Pair("姓名", "张\U00032000"), Pair("号", "1"), Rule(), QrCode("1"))))
    assert [warning.partition(":")[0] for told in warnings for warning in told] == ["text"]


def test_nobody_waits_for_it_any_more(qapp: QApplication) -> None:
    from ui.forms.page import Halted

    with pytest.raises(Halted):
        make_slip_pdf(decision(), lambda: True)


@pytest.mark.parametrize("columns", [32, 48])
async def test_codes_on_receipt_paper(columns: int) -> None:
    slip = decision(signature_png=None, decision=make_decision(refused_to_sign=True), refusal_noted_by="027111")
    paper = await asyncio.to_thread(_receipt, slip, columns)
    assert codes(Image.open(io.BytesIO(paper))) == {("Code128", NUMBER), ("QRCode", NUMBER)}


@pytest.mark.parametrize("columns", [32, 48])
def test_electronic_bills_scan_back_from_the_voucher(columns: int) -> None:
    data = voucher()
    lines = (replace(data.lines[0], bill=BILL), replace(data.lines[1], bill=EBill("issuing")))
    paper = _receipt(payment_voucher(replace(data, lines=lines), TABLES.legal), columns)
    found = {text for kind, text in codes(np.array(Image.open(io.BytesIO(paper)).convert("L"))) if kind == "QRCode"}
    assert found == {BILL.url, data.order_no}


def _receipt(slip: Slip, columns: int) -> bytes:
    simulator = EscposSimulator(columns)
    for part in Encoder(EncodeOptions(columns=columns)).encode(slip).segments:
        assert simulator._receive(part)
    simulator._print_all()
    (paper,) = simulator.papers
    return bytes(paper.png)
