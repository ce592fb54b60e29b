"""C21 on real widgets: sheets painted beside the page, enlarged by a tap, gone with the page."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from config.form_tables import load_form
from kiosk.domain.forms.sheet import Sheet
from kiosk.screens.form import PreviewForm
from tests.ui.forms.paper import grey
from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.forms import picture
from ui.forms.picture import Pictures, Wanted, sheet_picture
from ui.gallery import Stage
from ui.pages.form_preview import PreviewFormPage
from ui.samples.form_review import merged, older, settle
from ui.widgets.sheet_view import first_answer, tint_of

ONE = PreviewForm((merged(),), ("表一",))
FOUR = PreviewForm((merged(), *older()), ("表一", "表二", "表三", "表四"), two_sided=True)


def shown(hall: Hall, screen: PreviewForm) -> PreviewFormPage:
    page = hall.show(screen)
    assert isinstance(page, PreviewFormPage)
    settle(page)
    hall.settle()
    return page


def test_buttons_answer(hall: Hall) -> None:
    page = shown(hall, FOUR)
    assert page.next_action().caption == "打印 4 张"
    assert page.back_action().caption == "返回修改"
    hall.stage.frame.back_tapped.emit()
    hall.stage.frame.next_tapped.emit()
    assert hall.answers == ["change", "print"]
    assert hall.backs == 0


def test_what_is_known_beside_the_sheet(hall: Hall) -> None:
    shown(hall, FOUR)
    assert {"共 4 张", "双面打印"} <= hall.said()
    assert any("有底色的" in text for text in hall.said())
    plain = replace(merged(), marked=frozenset())
    shown(hall, PreviewForm((plain,), ("表一",), note="请到 2 号机打印。"))
    said = hall.said()
    assert {"共 1 张", "请到 2 号机打印。"} <= said
    assert "双面打印" not in said
    assert not any("有底色的" in text for text in said)


def test_waits_with_an_empty_sheet(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is there before its pictures; the painting is held up until it was seen without."""
    go = threading.Event()
    threads: list[threading.Thread] = []

    def slowly(*args: object, **more: object) -> QImage:
        threads.append(threading.current_thread())
        assert go.wait(20)
        return sheet_picture(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(picture, "sheet_picture", slowly)
    page = hall.show(ONE)
    assert isinstance(page, PreviewFormPage)
    assert "正在画申请表…" in hall.said()
    assert not page.desk.view.ready()
    go.set()
    settle(page)
    assert page.desk.view.ready()
    assert "正在画申请表…" not in hall.said()
    assert threads
    assert threading.main_thread() not in threads


def test_shows_what_the_painter_paints(hall: Hall) -> None:
    page = shown(hall, ONE)
    seen = page.desk.view.picture()
    assert (seen.width(), seen.height()) == (round(seen.height() * 210 / 297), seen.height())
    assert 720 <= seen.width() <= 760
    expected = sheet_picture(merged(), seen.width(), tint=tint_of(hall.stage.themes.theme))
    assert (grey(seen) == grey(expected)).all()
    on_screen = page.desk.view.grab().toImage()
    at = page.desk.view._area(0).toRect()
    inner = at.adjusted(4, 4, -4, -4)  # its edge is the desk's
    one, other = grey(on_screen.copy(inner)), grey(expected.copy(inner.translated(-at.topLeft())))
    assert np.abs(one.astype(int) - other).max() <= 1


def test_tab_shows_its_sheet(hall: Hall) -> None:
    page = shown(hall, FOUR)
    first = page.desk.view.picture()
    hall.touch("c21.tab.2")
    assert page.desk.index == 2
    assert page.desk.view.picture() != first
    assert hall.find("c21.tab.2").accessibleName() == "表三，正在看"
    assert hall.find("c21.tab.0").accessibleName() == "表一"
    assert "第 3 张，共 4 张" in page.desk.view.accessibleName()
    assert hall.answers == []


def test_one_sheet_has_no_tabs(hall: Hall) -> None:
    assert shown(hall, ONE)._tabs == []


def test_enlarged_in_steps_and_back(hall: Hall) -> None:
    page = shown(hall, ONE)
    hall.touch("c21.desk.zoom")
    settle(page)
    part = page.desk.part
    assert part.isVisible()
    assert part.steps > 4
    assert hall.find("c21.desk.before").isEnabled() is False
    covered = np.zeros((100, 100), bool)
    begin = round(first_answer(merged()) * 100)
    for step in range(part.steps):
        assert part.step == step
        assert f"第 {step + 1} 处，共 {part.steps} 处" in hall.said()
        seen = part.seen
        rows = slice(round(seen.top() * 100), round(seen.bottom() * 100))
        covered[rows, round(seen.left() * 100) : round(seen.right() * 100)] = True
        if step < part.steps - 1:
            hall.touch("c21.desk.after")
    assert covered[begin:].all()
    assert hall.find("c21.desk.after").isEnabled() is False
    hall.touch("c21.desk.before")
    assert part.step == part.steps - 2
    hall.touch("c21.desk.whole")
    assert not part.isVisible()
    assert part._images == {}
    settle(page)
    assert page.desk.view.ready()


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_enlarging_begins_at_the_name(qapp: QApplication, theme: str) -> None:
    made = Hall(Stage(theme))  # type: ignore[arg-type]
    page = shown(made, ONE)
    made.touch("c21.desk.zoom")
    seen, form = page.desk.part.seen, merged().form
    name = next(field for field in form.field if field.key == "surname_cn")
    codes = next(field for field in form.field if field.key == "barcode_passport")
    for cell in name.cells:
        rect = form.page.rect(cell)
        assert seen.contains(QPointF(rect.x / form.page.width, rect.y / form.page.height))
        assert seen.contains(
            QPointF((rect.x + rect.width) / form.page.width, (rect.y + rect.height) / form.page.height)
        )
    foot = form.page.rect(codes.cells[0])
    assert seen.top() * form.page.height > foot.y + foot.height
    made.touch("c21.desk.sheet", (page.desk.view._area(0).topLeft() + QPointF(5, 5)).toPoint())
    assert page.desk.part.seen.top() == 0  # what stands above is found by pointing
    made.stage.close()
    finish_all()


@pytest.mark.parametrize("theme", ["standard", "elder", "elder_high_contrast"])
@pytest.mark.parametrize("screen", [ONE, FOUR, replace(FOUR, note="暂时没有传到业务系统，不影响打印和到窗口办理。")])
def test_what_is_known_takes_two_lines_at_most(qapp: QApplication, theme: str, screen: PreviewForm) -> None:
    made = Hall(Stage(theme))  # type: ignore[arg-type]
    page = shown(made, screen)
    desk, form = page.desk, page.desk.view._area(0)
    assert desk.rect().contains(desk.notes.geometry().united(desk.enlarge.geometry()))
    assert not desk.notes.geometry().intersects(desk.enlarge.geometry())
    assert not desk.notes.geometry().intersects(desk.view.geometry())
    runs = {run.text: run for run in desk.notes.runs}
    assert all(run.fits for run in runs.values())
    legend = next(run for text, run in runs.items() if "有底色的" in text)
    lines = legend.rect.height() / made.stage.themes.theme.line("label")
    assert lines <= (1 if desk.notes.flat else 3)
    assert form.width() >= 600
    made.stage.close()
    finish_all()


def test_keys_find_the_way_in_and_out(hall: Hall) -> None:
    page = shown(hall, ONE)
    hall.stage.frame.activateWindow()
    desk = page.desk
    desk.enlarge.setFocus()
    QTest.keyClick(desk.enlarge, Qt.Key.Key_Return)
    assert desk.enlarged
    assert desk.after.hasFocus()
    QTest.keyClick(desk.after, Qt.Key.Key_Return)
    assert desk.part.step == 1
    desk.whole.setFocus()
    QTest.keyClick(desk.whole, Qt.Key.Key_Return)
    assert not desk.enlarged
    assert desk.enlarge.hasFocus()


def test_enlarged_is_sharp_and_large_enough_to_read(hall: Hall) -> None:
    page = shown(hall, ONE)
    hall.touch("c21.desk.zoom")
    settle(page)
    large = page.desk.part._images[0]
    assert large.size() == page.desk.part._large
    assert 10.5 * large.width() / 210 * 25.4 / 72 >= hall.stage.themes.theme.tokens.floor["standard"]


def test_tap_on_the_small_sheet_enlarges_that_place(hall: Hall) -> None:
    page = shown(hall, ONE)
    view = page.desk.view
    area = view._area(0)
    hall.touch("c21.desk.sheet", (area.topLeft() + QPointF(area.width() * 0.5, area.height() * 0.5)).toPoint())
    assert page.desk.enlarged
    assert page.desk.part.seen.contains(QPointF(0.5, 0.5))
    area = view._area(0)
    hall.touch("c21.desk.sheet", (area.topLeft() + QPointF(area.width() * 0.9, area.height() * 0.93)).toPoint())
    assert page.desk.part.seen.contains(QPointF(0.9, 0.93))
    assert not page.desk.part.seen.contains(QPointF(0.5, 0.5))
    hall.touch("c21.desk.sheet", QPoint(1, 1))
    assert page.desk.part.seen.contains(QPointF(0.01, 0.01))


def test_other_sheet_enlarged_begins_at_its_beginning(hall: Hall) -> None:
    page = shown(hall, FOUR)
    hall.touch("c21.desk.zoom")
    hall.touch("c21.desk.after")
    hall.touch("c21.tab.1")
    settle(page)
    assert page.desk.enlarged
    assert page.desk.part.step == 0
    dots = tint_of(hall.stage.themes.theme)
    assert (
        grey(page.desk.part._images[0]).shape
        == grey(sheet_picture(FOUR.sheets[1], page.desk.part._large.width(), tint=dots)).shape
    )


def test_newer_sheets_are_painted_again(hall: Hall) -> None:
    page = shown(hall, FOUR)
    hall.touch("c21.tab.1")
    before = grey(page.desk.view.picture())
    sheets = (merged(), replace(older()[0], values={"name": "王小二"}))
    hall.update(PreviewForm(sheets, ("表一", "表二")))
    settle(page)
    assert page.desk.index == 1
    assert len(page._tabs) == 2
    assert (grey(page.desk.view.picture()) != before).any()
    assert page.next_action().caption == "打印 2 张"


def test_other_theme_keeps_what_is_looked_at(hall: Hall) -> None:
    page = shown(hall, FOUR)
    hall.touch("c21.tab.3")
    hall.touch("c21.desk.zoom")
    kept = page.keep()
    page = shown(hall, FOUR)
    page.restore(kept)
    settle(page)
    assert (page.desk.index, page.desk.enlarged) == (3, True)
    assert hall.find("c21.tab.3").accessibleName() == "表四，正在看"


def test_pictures_are_dropped_with_the_page(hall: Hall) -> None:
    page = shown(hall, FOUR)
    hall.touch("c21.desk.zoom")
    settle(page)
    view, part = page.desk.view, page.desk.part
    assert part._images
    gone = weakref.ref(page)
    del page
    hall.stage.frame.drop_page()
    assert view._images == {}
    assert part._images == {}
    assert part._rough.isNull()
    assert view._sheets == ()
    del view, part
    hall.settle()
    gc.collect()
    assert gone() is None


def test_page_that_leaves_stops_the_painting(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet half painted when the citizen goes away is thrown away, and its thread is free again."""
    painted: list[QImage] = []
    began, gone = threading.Event(), threading.Event()
    whole = picture.sheet_picture

    def noted(*args: Any, **more: Any) -> QImage:
        began.set()
        assert gone.wait(20)
        painted.append(whole(*args, **more))
        return painted[-1]

    monkeypatch.setattr(picture, "sheet_picture", noted)
    hall.show(FOUR)
    assert began.wait(20)
    hall.stage.frame.drop_page()
    gone.set()
    finish_all()
    hall.settle()
    assert painted == []


def test_what_cannot_be_painted_is_told(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, capture_exceptions: list[BaseException]
) -> None:
    def broken(*args: object, **more: object) -> QImage:
        raise RuntimeError("no memory")

    monkeypatch.setattr(picture, "sheet_picture", broken)
    page = hall.show(ONE)
    settle(page)
    assert "申请表暂时画不出来" in hall.said()
    assert [type(error) for error in capture_exceptions] == [RuntimeError]


@pytest.fixture
def capture_exceptions(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What reached `sys.excepthook`, instead of a failed test."""
    seen: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: seen.append(error))
    return seen


def test_pictures_arrive_in_the_order_asked(qapp: QApplication) -> None:
    form = load_form("LEGACY-TW")
    arrived: list[int] = []
    Pictures([Wanted(2, Sheet(form, {}), 200), Wanted(0, Sheet(form, {}), 200)], None, lambda i, _: arrived.append(i))
    finish_all()
    assert arrived == [2, 0]
