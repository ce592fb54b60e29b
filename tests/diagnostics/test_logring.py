"""The log in memory: after the allow-list, bounded, filtered, paged."""

from __future__ import annotations

import threading
from typing import Any

import structlog

from kiosk.diagnostics.logring import LogRing, Wanted
from kiosk.logs import keep_allowed, without_words


def filled(count: int, lines: int = 100) -> LogRing:
    ring = LogRing(lines)
    for number in range(1, count + 1):
        level = ("info", "warning", "error")[number % 3]
        ring(
            None, level, {"timestamp": AT, "level": level, "event": f"e{number}", "device": ("camera", "")[number % 2]}
        )
    return ring


AT = "2026-11-21T14:32:07.114250"


def test_what_was_not_allowed_never_gets_there() -> None:
    ring = LogRing(10)
    try:
        raise ValueError("测试甲 330299199001010008")
    except ValueError:
        _log(ring, "error", "reading_failed", name="测试甲", device="id_card", exc_info=True)
    (line,) = ring.all(Wanted())
    assert "测试甲" not in line.text
    assert "33029" not in line.text
    assert line.device == "id_card"
    assert "dropped=1" in line.text
    assert "ValueError at" in line.text


def _log(ring: LogRing, method: str, event: str, **fields: Any) -> None:
    """As `kiosk.logs.configure` chains the processors, with the ring behind the allow-list."""
    said: Any = {"event": event, **fields}
    for processor in (structlog.processors.add_log_level, without_words, keep_allowed, ring):
        said = processor(None, method, said)


def test_the_event_is_passed_on_unchanged() -> None:
    event = {
        "timestamp": AT,
        "level": "info",
        "event": "device_lost",
        "device": "camera",
        "hint": "It is gone.",
        "count": 2,
    }
    ring = LogRing(10)
    assert ring(None, "info", dict(event)) == event
    (line,) = ring.all(Wanted())
    row = line.row()
    assert (row.at, row.level, row.device, row.text) == (
        "14:32:07.114",
        "INFO",
        "camera",
        "device_lost hint='It is gone.' count=2",
    )
    assert line.plain() == f"{AT} INFO  [camera] device_lost hint='It is gone.' count=2"


def test_the_oldest_go_first() -> None:
    ring = filled(250, lines=100)
    assert [line.text for line in ring.all(Wanted())] == [f"e{number}" for number in range(151, 251)]
    assert ring.newest == 250


def test_filters() -> None:
    ring = filled(30)
    assert {line.level for line in ring.all(Wanted("WARN"))} == {"WARN", "ERROR"}
    assert {line.level for line in ring.all(Wanted("ERROR"))} == {"ERROR"}
    assert {line.device for line in ring.all(Wanted(device="camera"))} == {"camera"}
    assert [line.text for line in ring.all(Wanted(text="E29"))] == ["e29"]
    assert len(list(ring.all(Wanted("nonsense")))) == 30


def test_pages_back_and_forth_meet() -> None:
    ring, wanted = filled(25), Wanted()
    newest = ring.page(wanted, 10)
    assert ([line.seq for line in newest.lines], newest.older, newest.newer, newest.total) == (
        list(range(16, 26)),
        True,
        False,
        25,
    )
    middle = ring.page(wanted, 10, newest.lines[0].seq - 1)
    assert ([line.seq for line in middle.lines], middle.older, middle.newer) == (list(range(6, 16)), True, True)
    oldest = ring.page(wanted, 10, middle.lines[0].seq - 1)
    assert ([line.seq for line in oldest.lines], oldest.older) == (list(range(1, 6)), False)
    assert ring.after(wanted, 10, oldest.lines[-1].seq) == 15
    assert ring.after(wanted, 10, 15) is None


def test_threads_may_log_while_somebody_looks() -> None:
    ring, stop = LogRing(50), threading.Event()

    def write() -> None:
        while not stop.is_set():
            ring(None, "info", {"event": "e", "level": "info"})

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            seen = [line.seq for line in ring.all(Wanted())]
            assert len(seen) <= 50
            assert len(set(seen)) == len(seen)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
