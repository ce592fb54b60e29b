"""What the technician's pages answer, and what they show when news comes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from kiosk.ports.devices import Frame
from kiosk.screens.diagnostics import (
    AuditView,
    CheckRow,
    DeviceDetail,
    FaultBoard,
    LogRow,
    Logs,
    Order,
    Overview,
    Preview,
    SelfTest,
    StaffEntry,
    StaffLogin,
    Tile,
    Verb,
)
from tests.ui.hall import Hall
from ui.samples import all_samples
from ui.widgets.diag_base import known_icon
from ui.widgets.diag_tile import _scale, latency_words

SAMPLES = all_samples()


def screen(name: str) -> Any:
    return SAMPLES[name].screen


def texts(hall: Hall) -> str:
    return "\n".join(sorted(hall.said()))


# -- T01 -----------------------------------------------------------------------------------------------------------------


def type_in(hall: Hall, keys: str) -> None:
    hall.type("diag.login.key", keys)


def test_login_goes_from_field_to_field_and_answers_once(hall: Hall) -> None:
    hall.show(StaffLogin(asks_totp=True))
    type_in(hall, "T0271")
    hall.touch("diag.login.enter")
    type_in(hall, "486157")
    hall.touch("diag.login.enter")
    assert hall.answers == []
    type_in(hall, "123456")
    hall.touch("diag.login.enter")
    assert hall.answers == [StaffEntry("T0271", "486157", "123456")]
    assert "486157" not in repr(hall.answers)


def test_login_without_second_factor(hall: Hall) -> None:
    hall.show(StaffLogin())
    type_in(hall, "T1")
    hall.touch("diag.login.pin")
    type_in(hall, "000000")
    hall.touch("diag.login.enter")
    assert hall.answers == [StaffEntry("T1", "000000", "")]


def test_pin_is_shown_as_dots_and_has_no_letters(hall: Hall) -> None:
    hall.show(StaffLogin())
    hall.touch("diag.login.pin")
    assert not hall.find("diag.login.key.T").isEnabled()
    type_in(hall, "4861")
    assert "4861" not in texts(hall)
    assert hall.find("diag.login.pin").accessibleName() == "密码，已输入 4 位"
    hall.touch("diag.login.key.delete")
    assert hall.find("diag.login.pin").accessibleName() == "密码，已输入 3 位"


def test_a_refused_pin_is_forgotten_and_the_code_kept(hall: Hall) -> None:
    page = hall.show(StaffLogin())
    type_in(hall, "T0271")
    hall.touch("diag.login.pin")
    type_in(hall, "111111")
    hall.touch("diag.login.enter")
    hall.update(StaffLogin(trouble="工号或密码不对，还可以试 2 次。"))
    assert "T0271" in texts(hall)
    assert page._typed == {"code": "T0271", "pin": "", "totp": ""}
    assert "工号或密码不对，还可以试 2 次。" in texts(hall)


def test_lock_counts_down_and_takes_no_entry(hall: Hall) -> None:
    hall.show(StaffLogin(locked_s=300))
    assert "5 分 0 秒" in texts(hall)
    hall.update(StaffLogin(locked_s=59))
    assert "在 59 秒后" in texts(hall)
    assert not hall.find("diag.login.key.1").isEnabled()
    assert not hall.find("diag.login.enter").isEnabled()
    hall.update(StaffLogin())
    assert hall.find("diag.login.key.1").isEnabled()
    assert "锁定" not in texts(hall)


def test_back_leaves_the_login(hall: Hall) -> None:
    hall.show(StaffLogin())
    hall.touch("diag.login.back")
    assert hall.backs == 1


def test_nothing_typed_outlives_the_page(hall: Hall) -> None:
    page = hall.show(StaffLogin())
    type_in(hall, "T9")
    hall.stage.frame.drop_page()
    assert set(page._typed.values()) == {""}
    assert page.data is None


# -- the shell -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(name for name in SAMPLES if name.startswith("t0") and "login" not in name))
def test_every_page_can_be_left_and_leads_to_the_others(hall: Hall, name: str) -> None:
    hall.show(screen(name))
    sections = [section.value for section in screen(name).head.sections]
    here = hall.page.section.value
    for section in sections:
        item = hall.find(f"diag.nav.{section}")
        assert item.isEnabled() == (section != here)
    target = next(section for section in sections if section != here)
    hall.touch(f"diag.nav.{target}")
    hall.touch("diag.leave")
    assert hall.answers == [Order(Verb.GO, target), Order(Verb.LEAVE)]


def test_head_says_who_and_what_is_not_real(hall: Hall) -> None:
    shown = screen("t07_settings")
    hall.show(shown)
    said = texts(hall)
    assert "诊断模式" in said
    assert "v0.5.0" in said
    assert "工号 T0271" in said
    assert "模拟模式" in said
    assert "故障 2 个" in said
    hall.update(replace(shown, head=replace(shown.head, simulated=False, armed=0)))
    assert "模拟模式" not in texts(hall)
    assert "故障 2 个" not in texts(hall)


def test_a_note_comes_and_goes_without_covering_anything(hall: Hall) -> None:
    shown = screen("t02_overview")
    hall.show(shown)
    above = hall.find("diag.overview.tile.id_card").y()
    hall.update(replace(shown, head=replace(shown.head, note="没有找到 U 盘。", note_tone="bad")))
    assert "没有找到 U 盘。" in texts(hall)
    assert hall.find("diag.overview.tile.id_card").y() > hall.find("diag.note").geometry().bottom()
    hall.update(shown)
    assert hall.find("diag.overview.tile.id_card").y() == above


def test_sections_follow_what_this_machine_has(hall: Hall) -> None:
    shown = screen("t02_overview")
    hall.show(shown)
    fewer = tuple(section for section in shown.head.sections if section.value != "faults")
    hall.update(replace(shown, head=replace(shown.head, sections=fewer)))
    assert not [w for w in hall.page.findChildren(QWidget, "diag.nav.faults") if w.isVisible()]


# -- T02 -----------------------------------------------------------------------------------------------------------------


def test_overview_orders(hall: Hall) -> None:
    hall.show(screen("t02_overview"))
    hall.touch("diag.overview.tile.camera")
    hall.touch("diag.overview.check")
    hall.touch("diag.overview.switch.camera:no_picture")
    hall.touch("diag.overview.switch.receipt_printer:paper_out")
    assert hall.answers == [
        Order(Verb.GO, "device", "camera"),
        Order(Verb.CHECK, "", "1"),
        Order(Verb.ARM, "camera:no_picture", "until"),
        Order(Verb.DISARM, "receipt_printer:paper_out"),
    ]


def test_news_of_one_tile_touches_that_tile_only(hall: Hall) -> None:
    shown: Overview = screen("t02_overview")
    page = hall.show(shown)
    before = list(page._tiles)
    painted: list[str] = []
    for tile in before:
        tile.paint = lambda p, tile=tile, paint=tile.paint: (painted.append(tile.tile.key), paint(p))
    tiles = tuple(replace(t, tone="bad", state="缺纸") if t.key == "receipt_printer" else t for t in shown.tiles)
    page.update_screen(replace(shown, tiles=tiles))
    assert page._tiles == before
    assert "缺纸" in hall.find("diag.overview.tile.receipt_printer").accessibleName()
    hall.stage.frame.repaint(before[3].geometry())
    assert set(painted) <= {"receipt_printer"}


def test_devices_come_and_go(hall: Hall) -> None:
    shown: Overview = screen("t02_overview")
    hall.show(shown)
    hall.update(replace(shown, tiles=shown.tiles[1:]))
    assert not [w for w in hall.page.findChildren(QWidget, "diag.overview.tile.id_card") if w.isVisible()]
    hall.update(shown)
    assert hall.find("diag.overview.tile.id_card")


def test_two_dozen_devices_are_turned_like_pages(hall: Hall) -> None:
    hall.show(screen("t02_overview_many"))
    hall.touch("diag.overview.pager.next")
    hall.touch("diag.overview.tile.platform_2")
    assert hall.answers == [Order(Verb.GO, "device", "platform_2")]


def test_newest_log_line_is_on_top_whichever_way_they_come(hall: Hall) -> None:
    shown: Overview = screen("t02_overview")
    for log in (shown.log, shown.log[::-1]):
        page = hall.show(replace(shown, log=log))
        assert [row.at for row in page._log.rows] == sorted((row.at for row in log), reverse=True)


def test_picture_of_the_camera_goes_with_the_page(hall: Hall) -> None:
    shown: Overview = screen("t02_overview")
    frame = Frame(64, 48, bytes(64 * 48 * 3), 0.0, 1)
    hall.show(replace(shown, preview=Preview(frame, (1, 2, 10, 10), ("人脸 1",))))
    preview = hall.page._preview
    assert preview._image is not None
    holders = [one for one in gc.get_referrers(frame) if isinstance(one, Preview)]
    assert len(holders) == 1  # the screen's own
    del holders
    newer = Frame(64, 48, bytes(64 * 48 * 3), 0.1, 2)
    hall.update(replace(shown, preview=Preview(newer)))
    gc.collect()
    assert not [one for one in gc.get_referrers(frame) if isinstance(one, Preview)]
    hall.stage.frame.drop_page()
    assert preview._image is None
    assert preview._box is None


def test_page_is_gone_when_it_is_gone(hall: Hall) -> None:
    for name in ("t02_overview", "t03_device", "t04_checks_asked", "t05_logs_long", "t06_faults", "t07_audit"):
        ref = weakref.ref(hall.show(screen(name)))
        hall.answers.clear()
        hall.stage.frame.drop_page()
        hall.settle()
        gc.collect()
        assert ref() is None, name


def test_camera_that_goes_takes_its_panel_with_it(hall: Hall) -> None:
    shown: Overview = screen("t02_overview")
    hall.show(shown)
    preview = hall.page._preview
    hall.update(replace(shown, preview=None))
    assert not preview.isVisible()
    assert preview._image is None
    hall.update(shown)
    assert preview.isVisible()


def test_face_box_lies_on_the_face(hall: Hall) -> None:
    """A white square in a black picture, and the box round it: amber at the square's edge, wherever the picture is put."""
    shown: Overview = screen("t02_overview")
    rows = bytearray()
    for y in range(480):
        for x in range(640):
            rows += b"\xff\xff\xff" if 200 <= x < 300 and 100 <= y < 250 else b"\0\0\0"
    hall.show(replace(shown, preview=Preview(Frame(640, 480, bytes(rows), 0.0, 1), (200, 100, 100, 150))))
    panel = hall.find("diag.overview.preview")
    image = panel.grab().toImage()
    amber = hall.stage.themes.theme.color("diagnostic").rgb()
    spots = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixel(x, y) == amber]
    white = [
        (x, y)
        for x in range(20, image.width() - 20)
        for y in range(90, image.height() - 160)
        if image.pixel(x, y) == 0xFFFFFFFF
    ]
    left, right = min(x for x, _ in spots), max(x for x, _ in spots)
    inside = [x for x, y in white if left < x < right]
    assert inside
    assert abs(min(inside) - left) <= 6
    assert abs(max(inside) - right) <= 6


def test_frame_of_the_wrong_size_is_refused(hall: Hall) -> None:
    shown: Overview = screen("t02_overview")
    page = hall.show(shown)
    with pytest.raises(ValueError, match="bytes"):
        page.update_screen(replace(shown, preview=Preview(Frame(640, 480, b"", 0.0, 1))))


def test_an_unknown_icon_is_a_plain_one() -> None:
    assert known_icon("camera") == "camera"
    assert known_icon("no-such-icon") == known_icon("../../etc/passwd") == known_icon("") == "devices"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((), "还没有检查过"),
        ((None, None), "最近 2 次都没有应答"),
        ((4.0, 2.0, 9.0), "中位 4 ms · 最慢 9 ms"),
        ((4.0, None, 2.0, 9.0), "中位 4 ms · 最慢 9 ms · 4 次中 1 次无应答"),
    ],
)
def test_latency_in_words(values: tuple[float | None, ...], said: str) -> None:
    assert latency_words(values) == said


@pytest.mark.parametrize(
    ("values", "top"),
    [
        ((), 10.0),
        ((None, 4.0), 10.0),
        ((400.0, 20.0), 400.0),  # too few to call any of them an exception
        ((400.0, *[20.0] * 30), 26.0),
        (tuple(float(i) for i in range(60)), 59.0),
        ((None,) * 60, 10.0),
    ],
)
def test_one_slow_start_does_not_flatten_the_trace(values: tuple[float | None, ...], top: float) -> None:
    assert _scale(values) == pytest.approx(top)


# -- T03 -----------------------------------------------------------------------------------------------------------------


def test_device_orders(hall: Hall) -> None:
    hall.show(screen("t03_device"))
    hall.touch("diag.device.act.feed")
    hall.touch("diag.device.next")
    hall.touch("diag.device.previous")
    assert hall.answers == [
        Order(Verb.DO, "receipt_printer", "feed"),
        Order(Verb.GO, "device", "document_printer"),
        Order(Verb.GO, "device", "qr_scanner"),
    ]


def test_check_of_a_device_asks_how_far(hall: Hall) -> None:
    hall.show(screen("t03_device"))
    hall.touch("diag.device.check")
    assert hall.answers == []
    hall.touch("diag.device.level.3")
    assert hall.answers == [Order(Verb.CHECK, "receipt_printer", "3")]


def test_another_device_is_picked_from_all(hall: Hall) -> None:
    hall.show(screen("t03_device"))
    hall.touch("diag.device.pick")
    hall.touch("diag.device.choose.ups")
    assert hall.answers == [Order(Verb.GO, "device", "ups")]


def test_an_act_that_cannot_be_done_says_why(hall: Hall) -> None:
    hall.show(screen("t03_device"))
    hall.touch("diag.device.act.drawer")
    assert hall.answers == []
    assert "本机没有钱箱。" in texts(hall)


def test_the_reason_stays_while_news_of_the_device_come(hall: Hall) -> None:
    shown: DeviceDetail = screen("t03_device")
    hall.show(shown)
    hall.touch("diag.device.act.drawer")
    hall.update(replace(shown, tile=replace(shown.tile, latency_ms=(1.0,))))
    assert "本机没有钱箱。" in texts(hall)
    hall.update(replace(shown, head=replace(shown.head, note="已走纸。")))
    assert "本机没有钱箱。" not in texts(hall)
    hall.touch("diag.device.act.drawer")
    hall.touch("diag.device.act.feed")
    assert "本机没有钱箱。" not in texts(hall)
    assert "已走纸。" in texts(hall)


def test_reset_is_asked_twice(hall: Hall) -> None:
    hall.show(screen("t03_device"))
    hall.touch("diag.device.act.reset")
    hall.touch("diag.device.reset.back")
    assert hall.answers == []
    hall.touch("diag.device.act.reset")
    hall.touch("diag.device.reset.yes")
    assert hall.answers == [Order(Verb.RESET, "receipt_printer")]


def test_swap_needs_a_reason(hall: Hall) -> None:
    hall.show(screen("t03_device_refused"))
    hall.touch("diag.device.act.swap")
    assert not hall.find("diag.device.swap.yes").isEnabled()
    hall.touch("diag.device.swap.ready.1")
    for key in (" ", "2", "6"):
        hall.touch(f"diag.device.swap.key.{'space' if key == ' ' else key}")
    hall.touch("diag.device.swap.yes")
    assert hall.answers == [Order(Verb.SWAP, "permit_unit", "等待备件 26")]


def test_question_is_gone_when_another_device_is_shown(hall: Hall) -> None:
    shown: DeviceDetail = screen("t03_device")
    hall.show(shown)
    hall.touch("diag.device.act.reset")
    hall.update(replace(shown, tile=replace(shown.tile, key="camera")))
    assert not [w for w in hall.stage.frame.findChildren(QWidget, "diag.device.reset") if w.isVisible()]


def test_question_is_gone_with_its_page(hall: Hall) -> None:
    hall.show(screen("t03_device"))
    hall.touch("diag.device.act.reset")
    hall.show(screen("t07_settings"))
    assert not [w for w in hall.stage.frame.findChildren(QWidget, "diag.device.reset") if w.isVisible()]


# -- T04 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["1", "2", "3"])
def test_self_test_begins_at_a_level(hall: Hall, level: str) -> None:
    hall.show(screen("t04_checks_never"))
    hall.touch(f"diag.checks.start.{level}")
    assert hall.answers == [Order(Verb.CHECK, "", level)]


def test_self_test_that_runs_can_be_stopped_and_answered(hall: Hall) -> None:
    hall.show(screen("t04_checks_asked"))
    assert not [w for w in hall.page.findChildren(QWidget, "diag.checks.start.1") if w.isVisible()]
    hall.touch("diag.checks.yes")
    hall.touch("diag.checks.no")
    hall.touch("diag.checks.stop")
    assert hall.answers == [Order(Verb.SAY, "", "yes"), Order(Verb.SAY, "", "no"), Order(Verb.STOP)]


def test_something_to_do_has_no_yes_and_no(hall: Hall) -> None:
    hall.show(screen("t04_checks_running"))
    assert "请把测试卡放到感应区。" in texts(hall)
    assert not [w for w in hall.page.findChildren(QWidget, "diag.checks.yes") if w.isVisible()]


def test_report_is_printed_and_saved(hall: Hall) -> None:
    shown: SelfTest = screen("t04_checks_done")
    hall.show(shown)
    hall.touch("diag.checks.print")
    hall.touch("diag.checks.export")  # no folder is known here: the journey has one, or says so
    assert hall.answers == [Order(Verb.PRINT), Order(Verb.EXPORT, "readiness", "")]
    hall.update(replace(shown, folders=(("usb0", "U 盘"),)))
    hall.answers.clear()
    hall.touch("diag.checks.export")
    assert hall.answers == [Order(Verb.EXPORT, "readiness", "usb0")]


def test_the_row_that_is_examined_is_in_sight(hall: Hall) -> None:
    shown: SelfTest = screen("t04_checks_long")
    rows = [replace(row, state="todo") for row in shown.rows]
    hall.show(SelfTest(shown.head, tuple(rows), running=True))
    for at in (0, 9, 23):
        done = tuple(replace(row, state="doing" if i == at else "todo") for i, row in enumerate(rows))
        hall.update(SelfTest(shown.head, done, running=True))
        assert at in hall.page._list._pages[hall.page._list._page]


def test_states_of_checks_have_words_besides_colours(hall: Hall) -> None:
    states = ("todo", "doing", "passed", "failed", "skipped", "unknown")
    rows = tuple(CheckRow("扫码器", f"第 {i} 项", state) for i, state in enumerate(states))  # type: ignore[arg-type]
    hall.show(replace(screen("t04_checks_done"), rows=rows))
    assert {"等待", "进行中", "通过", "不通过", "跳过", "无结论"} <= hall.said()


def test_a_limit_is_told_from_the_one_right_value(hall: Hall) -> None:
    rows = (
        CheckRow("扫码器", "连接", "passed", "就绪", "就绪"),
        CheckRow("扫码器", "应答", "passed", "3 ms", "≤ 300 ms"),
    )
    hall.show(replace(screen("t04_checks_done"), rows=rows))
    assert {"就绪（应为 就绪）", "3 ms（限 ≤ 300 ms）"} <= hall.said()


# -- T05 -----------------------------------------------------------------------------------------------------------------


def log_rows(first: int, last: int) -> tuple[LogRow, ...]:
    return tuple(LogRow(f"{i:06}", "INFO", "camera", f"line {i}") for i in range(first, last))


def seen(hall: Hall) -> list[int]:
    return [int(row.at) for i in [hall.page._list] for row in (i.rows[at] for at in i._pages[i._page])]


def test_log_filters(hall: Hall) -> None:
    hall.show(screen("t05_logs"))
    hall.touch("diag.logs.level.WARN")
    hall.touch("diag.logs.level.all")
    hall.touch("diag.logs.device")
    hall.touch("diag.logs.choose.ups")
    hall.touch("diag.logs.search")
    hall.type("diag.logs.find.key", "e-17")
    hall.touch("diag.logs.find.yes")
    hall.touch("diag.logs.pause")
    assert hall.answers == [
        Order(Verb.FILTER, "level", "WARN"),
        Order(Verb.FILTER, "level", ""),
        Order(Verb.FILTER, "device", "ups"),
        Order(Verb.FILTER, "text", "e-17"),
        Order(Verb.PAUSE, "", "yes"),
    ]


def test_log_filters_are_taken_back(hall: Hall) -> None:
    shown: Logs = screen("t05_logs_long")
    hall.show(shown)
    hall.touch("diag.logs.pause")
    hall.touch("diag.logs.plain")
    hall.update(replace(shown, text=""))
    hall.find("diag.logs.plain")._last_tap = float("-inf")  # type: ignore[attr-defined]
    hall.touch("diag.logs.plain")
    assert hall.answers == [
        Order(Verb.PAUSE, "", "no"),
        Order(Verb.FILTER, "text", ""),
        Order(Verb.FILTER, "device", ""),
    ]


def test_log_follows_its_tail_until_somebody_looks_back(hall: Hall) -> None:
    shown: Logs = replace(screen("t05_logs"), rows=log_rows(0, 100), older=False)
    hall.show(shown)
    assert seen(hall)[-1] == 99
    hall.update(replace(shown, rows=log_rows(5, 105)))
    assert seen(hall)[-1] == 104
    hall.touch("diag.logs.rows.previous")
    held = seen(hall)
    hall.update(replace(shown, rows=log_rows(8, 108)))
    assert held[0] in seen(hall)
    hall.touch("diag.logs.rows.next")
    hall.touch("diag.logs.rows.next")
    assert seen(hall)[-1] == 107


def test_log_before_what_was_given_is_asked_for(hall: Hall) -> None:
    shown: Logs = replace(screen("t05_logs"), rows=log_rows(100, 110), older=True)
    hall.show(shown)
    hall.touch("diag.logs.rows.previous")
    assert hall.answers == [Order(Verb.PAGE, "", "older")]
    hall.update(replace(shown, rows=log_rows(0, 100), older=False, newer=True))
    assert seen(hall)[-1] == 99  # goes on where one was
    hall.update(replace(shown, rows=log_rows(0, 100), older=False, newer=True, total=7))
    assert seen(hall)[-1] == 99
    hall.touch("diag.logs.rows.next")
    assert hall.answers[-1] == Order(Verb.PAGE, "", "newer")
    hall.update(replace(shown, rows=log_rows(100, 200), older=True))
    assert seen(hall)[0] == 100


def test_log_goes_on_where_one_was_though_pages_overlap(hall: Hall) -> None:
    shown: Logs = replace(screen("t05_logs"), rows=log_rows(50, 100), newer=True, older=True)
    hall.show(shown)
    hall.touch("diag.logs.rows.next")
    hall.update(replace(shown, rows=log_rows(60, 110), newer=False))
    assert 100 in seen(hall)
    while hall.page._list._page:
        hall.touch("diag.logs.rows.previous")
    hall.touch("diag.logs.rows.previous")
    hall.update(replace(shown, rows=log_rows(30, 80), newer=True))
    assert 59 in seen(hall)


def test_log_is_saved_where_one_says(hall: Hall) -> None:
    hall.show(screen("t05_logs"))
    hall.touch("diag.logs.export")
    hall.touch("diag.export.usb0")
    assert hall.answers == [Order(Verb.EXPORT, "log", "usb0")]


# -- T06 -----------------------------------------------------------------------------------------------------------------


def test_fault_lasts_as_long_as_was_said(hall: Hall) -> None:
    hall.show(screen("t06_faults"))
    hall.touch("diag.faults.device.id_card")
    hall.touch("diag.faults.switch.id_card.garbage")
    hall.touch("diag.faults.last.until")
    hall.touch("diag.faults.switch.id_card.slow_status")
    hall.touch("diag.faults.device.receipt_printer")
    hall.touch("diag.faults.switch.receipt_printer.paper_out")
    assert hall.answers == [
        Order(Verb.ARM, "id_card:garbage", "once"),
        Order(Verb.ARM, "id_card:slow_status", "until"),
        Order(Verb.DISARM, "receipt_printer:paper_out"),
    ]


def test_fault_board_presets_and_clearing(hall: Hall) -> None:
    hall.show(screen("t06_faults"))
    hall.touch("diag.faults.preset.payment_unknown")
    hall.touch("diag.faults.preset.permit_stuck")
    assert "签注制证模块不是模拟的。" in texts(hall)
    hall.touch("diag.faults.clear")
    assert hall.answers == [Order(Verb.PRESET, "payment_unknown"), Order(Verb.DISARM, "")]


def test_switch_shows_what_is_armed_not_what_was_touched(hall: Hall) -> None:
    shown: FaultBoard = screen("t06_faults")
    hall.show(shown)
    hall.touch("diag.faults.device.id_card")
    hall.touch("diag.faults.switch.id_card.garbage")
    switch = hall.find("diag.faults.switch.id_card.garbage")
    assert not switch.isChecked()  # type: ignore[attr-defined]
    armed = tuple(
        replace(c, rows=tuple(replace(r, armed="1 次") for r in c.rows)) if c.key == "id_card" else c
        for c in shown.cards
    )
    hall.update(replace(shown, cards=armed))
    assert switch.isChecked()  # type: ignore[attr-defined]


def test_many_faults_are_turned_like_pages(hall: Hall) -> None:
    hall.show(screen("t06_faults_many"))
    hall.touch("diag.faults.device.permit_unit")
    turned = 0
    while hall.find("diag.faults.next").isEnabled():
        hall.touch("diag.faults.next")
        turned += 1
    assert turned >= 2
    hall.touch("diag.faults.switch.permit_unit.f44")
    assert hall.answers == [Order(Verb.ARM, "permit_unit:f44", "once")]


# -- T07 -----------------------------------------------------------------------------------------------------------------


def test_audit_has_the_newest_on_top_and_goes_further_back(hall: Hall) -> None:
    shown: AuditView = screen("t07_audit")
    hall.show(shown)
    assert [row.seq for row in hall.page._list.rows] == [1045, 1044, 1043, 1042, 1041]
    hall.touch("diag.audit.rows.next")
    assert hall.answers == [Order(Verb.PAGE, "", "older")]
    older = tuple(replace(row, seq=row.seq - 5) for row in shown.rows)
    hall.update(replace(shown, rows=older, newer=True))
    hall.touch("diag.audit.rows.previous")
    assert hall.answers[-1] == Order(Verb.PAGE, "", "newer")


def test_broken_chain_is_said_in_words(hall: Hall) -> None:
    hall.show(screen("t07_audit_broken"))
    assert "记录链有问题" in texts(hall)
    hall.update(replace(screen("t07_audit_broken"), whole=True, verdict=""))
    assert "记录链完整" in texts(hall)


def test_settings_can_be_read_to_their_end_in_landscape(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall()
    hall.stage.frame.resize(QSize(1920, 1080))
    hall.show(screen("t07_settings"))
    said = hall.said()
    while hall.find("diag.settings.rows.next").isEnabled():
        hall.touch("diag.settings.rows.next")
        said |= hall.said()
    for _, settings in screen("t07_settings").groups:
        for setting in settings:
            assert setting.key in said
            assert setting.source in said


def test_tile_without_checks_draws(hall: Hall) -> None:
    """Lists shorter and longer than sixty, only gaps, only noughts."""
    for values in ((), (None,), (0.0,), (None, 3.0, None), tuple(float(i) for i in range(200))):
        tile = Tile("x", "设备", "camera", "ok", "正常", (), values)
        hall.show(replace(screen("t02_overview"), tiles=(tile,)))
        hall.settle()
