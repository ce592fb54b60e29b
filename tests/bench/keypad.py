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
NAMES = ("吕强", "欧阳小明", "盖小乐", "尉迟恭", "买买提·吐尔逊", "王重阳")


def measure(effort: Effort) -> list[Row]:
    rounds = effort.of(20, 5)
    progress(f"keypad: {len(TYPED)} texts typed key by key, {rounds} times")
    each = [median(took) for took in zip(*(_typing(TYPED) for _ in range(rounds)), strict=True)]
    at_random = random.Random(7)
    strings = [
        "".join(at_random.choices("abcdefghijklmnopqrstuvwxyz", k=MOST_LETTERS)) for _ in range(effort.of(60, 15))
    ]
    unkind = [median(took) for took in zip(*(_typing(tuple(strings)) for _ in range(5)), strict=True)]
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
            "the same for letters at random",
            max(unkind),
            "ms",
            f"slowest of {len(unkind)} keys, each the median of 5",
            5.0,
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


def _typing(texts: tuple[str, ...]) -> list[float]:
    """Milliseconds of each key: the letter taken, the page of candidates made."""
    method = InputMethod()
    method.warm_up()
    took = []
    for text in texts:
        composition = Composition()
        for key in text:
            started = time.perf_counter()
            composition = method.press(composition, key)
            method.page(composition)
            took.append((time.perf_counter() - started) * 1000)
    return took


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
