"""The pinyin keypad: candidates per key, and the tables read at the first one; a name spelt for a travel document."""

from __future__ import annotations

import random
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import config
from config.keypad_tables import FILE
from config.name_tables import load_names
from kiosk.domain.input_method import MOST_LETTERS, Composition, InputMethod
from kiosk.domain.name_spelling import open_dictionary
from kiosk.domain.names import romanise, split_name
from tests.bench.rows import Effort, Row, interleave, median, paired, percentile, progress

TYPED = (
    *(
        "ningboshiyinzhouqu",
        "zhongshandonglu",
        "wangxiaoming",
        "ouyangzhensheng",
        "youxiangongsi",
        "yxgs",
        "nbs",
        "xian",
    ),
    *("shi", "yi", "lvshishiwusuo", "zhzhzhzh", "xi'an", "gugugugugugugugu"),
)
TYPED_NAMES = (("", "wangjianguo"), ("", "ouyang"), ("", "zxm"), ("王", "jianguo"), ("王", "xm"), ("王建", "guo"))
"""In a field for a name: what stands there, what is typed."""
NAMES = ("吕强", "欧阳小明", "盖小乐", "尉迟恭", "买买提·吐尔逊", "王重阳")


def measure(effort: Effort) -> list[Row]:
    rounds = effort.of(20, 5)
    progress(f"keypad: {len(TYPED)} texts typed key by key, {rounds} times")
    each = [median(took) for took in zip(*(_typing(TYPED) for _ in range(rounds)), strict=True)]
    of_names = [
        median(took)
        for before, text in TYPED_NAMES
        for took in zip(*(_typing((text,), before) for _ in range(rounds)), strict=True)
    ]
    at_random = random.Random(7)
    strings = [
        "".join(at_random.choices("abcdefghijklmnopqrstuvwxyz", k=MOST_LETTERS)) for _ in range(effort.of(60, 15))
    ]
    unkind = [median(took) for took in zip(*(_typing(tuple(strings)) for _ in range(5)), strict=True)]
    progress("keypad: the same on the real keypad, until its row is painted")
    real = [median(took) for took in zip(*_on_the_page(effort.of(9, 3)), strict=True)]
    opened = interleave(effort.of(15, 6), fresh=_timed(_first_key), parsed=_timed(_parse))
    progress("keypad: names spelt")
    dictionary = _timed(open_dictionary)()
    tables = load_names()
    spelt = [
        _timed(lambda name=name: romanise(split_name(name, tables), tables))() for _ in range(rounds) for name in NAMES
    ]
    return [
        Row(
            "keypad",
            "candidates after a key",
            max(each),
            "ms",
            f"slowest of {len(each)} keys, each the median of {rounds}",
            5.0,
            note=f"half of the keys {median(each):.2f} ms, 99 % {percentile(each, 99):.2f} ms",
        ),
        Row(
            "keypad",
            "the same in a field for a person's name, names first",
            max(of_names),
            "ms",
            f"slowest of {len(of_names)} keys, each the median of {rounds}",
            5.0,
            note=f"half of the keys {median(of_names):.2f} ms",
        ),
        Row(
            "keypad",
            "the same for letters at random",
            max(unkind),
            "ms",
            f"slowest of {len(unkind)} keys, each the median of 5",
            5.0,
        ),
        Row(
            "keypad",
            "key tapped on the keypad to the row of candidates painted",
            max(real),
            "ms",
            f"slowest of {len(real)} keys, each the median of {effort.of(9, 3)}",
            5.0,
            note=f"half of the keys {median(real):.2f} ms, 99 % {percentile(real, 99):.2f} ms",
        ),
        Row(
            "keypad",
            "the first key of a new keypad (tables read)",
            median(opened["fresh"]),
            "ms",
            f"median of {len(opened['fresh'])}",
            100.0,
            peer=f"the file parsed as TOML each time, no index {median(opened['parsed']):.1f} ms",
            ratio=paired(opened["fresh"], opened["parsed"]),
        ),
        Row(
            "keypad",
            "a name spelt",
            median(spelt),
            "ms",
            f"median of {len(spelt)}",
            5.0,
            note=f"the dictionary of readings opened once before, {dictionary:.0f} ms",
        ),
    ]


def _typing(texts: tuple[str, ...], before: str | None = None) -> list[float]:
    """Milliseconds of each key: the letter taken, the page of candidates made."""
    method = InputMethod()
    method.warm_up()
    took = []
    for text in texts:
        composition = Composition()
        for key in text:
            started = time.perf_counter()
            composition = method.press(composition, key)
            method.page(composition, before=before)
            took.append((time.perf_counter() - started) * 1000)
    return took


def _on_the_page(rounds: int) -> list[list[float]]:
    """Milliseconds of each key, from the tap to the painted row, over all texts."""
    from PySide6.QtCore import QEvent, QObject

    from tests.bench.painter import Painter
    from ui.widgets.base import Tappable
    from ui.widgets.keypads.alnum_pad import CLEAR
    from ui.widgets.pinyin_pad import PinyinPad

    class Painted(QObject):
        seen = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.seen = self.seen or event.type() is QEvent.Type.Paint
            return False

    painter, watch = Painter(), Painted()
    pad = PinyinPad(painter.frame.theme, "pad", painter.frame)
    pad.setGeometry(0, 1920 - pad.usual, 1080, pad.usual)
    pad.row.installEventFilter(watch)
    pad.show()
    painter.pass_events()
    keys = {key.objectName(): key for key in pad.findChildren(Tappable)}

    def press(act: str) -> float:
        watch.seen = False
        started = time.perf_counter()
        keys[f"pad.pinyin.{act}"].tap()
        while not watch.seen:
            painter.pass_events()
        return (time.perf_counter() - started) * 1000

    found = []
    for _ in range(rounds + 1):
        took = []
        for text in TYPED:
            took += [press(key.upper()) for key in text]
            press(CLEAR)
        found.append(took)
    painter.frame.close()
    return found[1:]


def _first_key() -> None:
    method = InputMethod()
    method.page(method.press(Composition(), "n"))


def _parse() -> None:
    """The same file without the copy that is kept parsed."""
    tomllib.loads((Path(config.__file__).parent / FILE).read_text("utf-8"))


def _timed(run: Callable[[], object]) -> Callable[[], float]:
    def timed() -> float:
        started = time.perf_counter()
        run()
        return (time.perf_counter() - started) * 1000

    return timed
