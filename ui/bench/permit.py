"""The card unit of the endorsement service: what a hand does at its slot, what a technician does, and where the card is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from ui.bench.card_face import CardFace
from ui.bench.link import DeviceLink
from ui.bench.look import Choice, Look, Panel, Segments, button, icon_button, label, row, show_checked
from ui.bench.permit_texts import BINS, PLACES, UNIT_PHASES, UNIT_REASONS

Card = Mapping[str, Any]
_FACE_WIDTH = 280
_HAND = "hand"
_CARDS = (
    ("own", "此人的通行证"),
    (_HAND, "手里的卡"),
    ("bank_card", "银行卡"),
    ("id_card", "身份证"),
    ("blank", "没有芯片的白卡"),
    ("wrong_way", "通行证反着放"),
    ("dead", "芯片坏了的通行证"),
    ("mute", "芯片读到一半不应答"),
    ("other_key", "芯片是另一张证的"),
)
_OF_PERSON: Mapping[str, Card] = {
    "own": {},
    "wrong_way": {"wrong_way": True},
    "dead": {"chip": "dead"},
    "mute": {"chip": "mute"},
    "other_key": {"chip": "other_key"},
}
"""Cards made from the person's permit, and what is different about them."""
_SPEEDS = (("1", "真实速度"), ("20", "快"))
_TONES = {"none": "plain", "mouth": "warn", "jammed": "bad", "unknown": "bad"}


class PermitPanel(Panel):
    """`permits`: by person, the permit in their hand. Who has none can only put in other cards."""

    def __init__(self, look: Look, link: DeviceLink, permits: Mapping[str, Card]) -> None:
        super().__init__(look, "permit", "签注设备", "passport")
        self._link = link
        self._permits = permits
        self._person = ""
        self._drawn: object = None
        self._place = self.pill("place")
        self._slot = self.pill("slot")
        self._bin = self.pill("bin")
        self.face = CardFace(look.theme, "bench.permit.back", _FACE_WIDTH, link.back_png)
        self._work = label("", "strong", name="bench.permit.work", wrap=True)
        self._jobs = label("", "muted", name="bench.permit.jobs", wrap=True)
        self._which = Choice("bench.permit.card", "放进插卡口的是哪张卡", _CARDS)
        self._which.chosen.connect(lambda _: self._follow())
        self._insert = icon_button(look, button("bench.permit.insert", "插入", "primary", spoken="插卡"), "arrow-right")
        self._insert.clicked.connect(self._on_insert)
        self._take = self._act("take", "取走", {"do": "take"}, "卡已取走")
        self._pull = self._act("pull", "收卡时拔出", {"do": "pull"}, "卡被拔出")
        self._pull.setToolTip("卡正在被收进去的时候，把它拔出来；用真实速度才来得及")
        self._power = button("bench.permit.power", "断电", toggle=True)
        self._power.clicked.connect(self._on_power)
        self._empty = self._act("empty_bin", "倒空收卡箱", {"do": "empty_bin"}, "收卡箱已倒空")
        self._remove = self._act("remove_card", "开机取卡", {"do": "remove_card"}, "已打开设备，取出卡")
        self._remove.setToolTip("技术员打开设备，把里面的卡拿出来，卡住的也能拿出来")
        self._speed = Segments("bench.permit.speed", "设备做得多快", _SPEEDS, _SPEEDS[-1][0])
        self._speed.chosen.connect(lambda value: link.do({"do": "speed", "factor": float(value)}, "速度已改"))

        grid = QGridLayout()
        grid.setSpacing(8)
        for index, made in enumerate((self._take, self._pull, self._power, self._remove)):
            grid.addWidget(made, index // 2, index % 2)
        side = QVBoxLayout()
        side.setSpacing(8)
        put = row(self._which, self._insert)
        put.setStretch(0, 1)
        side.addLayout(put)
        side.addLayout(grid)
        side.addStretch(1)
        side.addWidget(self._work)
        side.addWidget(self._jobs)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.face)
        columns.addLayout(side, 1)
        self.body.addLayout(columns)
        self.body.addLayout(row(self._speed, 1, self._empty))
        link.changed.connect(self._follow)

    def _act(self, name: str, caption: str, command: Mapping[str, Any], done: str) -> QPushButton:
        made = button(f"bench.permit.{name}", caption)
        made.clicked.connect(lambda: self._link.do(command, done))
        return made

    def follow_person(self, name: str) -> None:
        """Whose permit goes in next. The one before takes along what they had in the hand."""
        self._person = name
        self._which.show_value("own")
        self._follow()

    def _card(self) -> Card | None:
        """What `insert` is given; None where there is no such card."""
        which = self._which.value
        if which in _OF_PERSON:
            own = self._permits.get(self._person)
            return None if own is None else {**own, **_OF_PERSON[which]}
        return {} if which == _HAND else {"body": which}

    def _on_insert(self) -> None:
        card = self._card()
        if card is None:
            return
        command: dict[str, Any] = {"do": "insert"} if self._which.value == _HAND else {"do": "insert", "card": card}
        reply = self._link.do(command, f"“{self._which.currentText()}”已插入")
        if reply is not None and reply.get("where") == "waiting":
            self._link.done.emit(f"{self._link.caption}：插卡口没有打开，卡在外面等着")

    def _on_power(self, off: bool) -> None:
        if self._link.do({"do": "power", "on": not off}, "已断电" if off else "已通电") is None:
            self._follow()

    def _follow(self) -> None:
        state = self._link.state
        powered = bool(state.get("powered", True))
        place, phase = str(state.get("position", "none")), str(state.get("phase", ""))
        outside = bool(state.get("waiting"))
        self._show_pills(state, powered, place)
        self._insert.setEnabled(self._can_insert(state, place, outside))
        self._take.setEnabled(place == "mouth" or outside)
        self._pull.setEnabled(phase == "entering")
        self._remove.setEnabled(place not in ("none", "mouth"))
        self._empty.setEnabled(bool(state.get("bin_level")))
        show_checked(self._power, not powered)
        self._power.setText("断电" if powered else "通电")
        self._power.setAccessibleName(self._power.text())
        self._speed.show_value("1" if float(state.get("speed", 1)) <= 1 else "20")
        self._work.setText(self._sentence(state, powered, phase, outside))
        self._jobs.setText(_jobs(state))
        # Only what can change the picture is a reason to draw it again.
        seen = (place == "none", outside, state.get("hand"), state.get("back"), str(state.get("print_job")))
        if seen != self._drawn:
            self._drawn = seen
            self.face.fetch()

    def _can_insert(self, state: Mapping[str, Any], place: str, outside: bool) -> bool:
        if outside or place == "mouth":
            return False
        return bool(state.get("hand")) if self._which.value == _HAND else self._card() is not None

    def _show_pills(self, state: Mapping[str, Any], powered: bool, place: str) -> None:
        tone: Any = _TONES.get(place, "info")
        self._place.say(PLACES.get(place, place) if powered else "没有电", tone if powered else "bad")
        opened = state.get("slot") == "open"
        self._slot.say("插卡口开" if opened else "插卡口关", "info" if opened else "plain")
        text, tone = BINS.get(str(state.get("bin", "ok")), ("收卡箱", "plain"))
        self._bin.say(f"{text} {state.get('bin_level', 0)} 张", tone)

    def _sentence(self, state: Mapping[str, Any], powered: bool, phase: str, outside: bool) -> str:
        if not powered:
            return "设备断电"
        if phase:
            return UNIT_PHASES.get(phase, phase)
        reason = str(state.get("reason", "none"))
        if reason != "none":
            return UNIT_REASONS.get(reason, reason)
        if outside:
            return "卡在插卡口外面等着"
        if self._which.value in _OF_PERSON and self._person and self._person not in self._permits:
            return "此人没有通行证"
        return "等着插卡" if state.get("accepting") else "空闲"


def _jobs(state: Mapping[str, Any]) -> str:
    words = {"started": "没有结果", "done": "做完", "not_done": "没有做成"}
    lines = []
    for caption, key in (("写卡", "write_job"), ("打印", "print_job")):
        job = state.get(key, {})
        if job.get("state", "none") != "none":
            lines.append(f"{caption}{words.get(job['state'], job['state'])}")
    lines.append(f"一共收卡 {state.get('bin_count', 0)} 张，通电 {state.get('power_ons', 0)} 次")
    return "，".join(lines)
