"""Who comes: the people of the loaded scenarios, their card and their face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from ui.bench.link import DeviceLink
from ui.bench.look import Look, Panel, button, icon_button, label, named, row
from ui.bench.texts import CARD_STATES

Person = tuple[str, str, int]
"""Scenario name, title, face seed."""
_ROWS = 7
_MANY = 20
"""So many people are not looked through by eye."""

Script = Sequence[tuple[str, Mapping[str, Any]]]


class PersonPanel(Panel):
    """At least one person; the first stands there from the beginning. Choosing another lets the former leave with their card.

    `scripts`: by person, the commands with which the devices play that person's scenario, as (device key, command). Without
    them, the platform alone is told to play it.
    """

    picked = Signal(str)

    def __init__(
        self, look: Look, people: Sequence[Person], links: Mapping[str, DeviceLink], scripts: Mapping[str, Script]
    ) -> None:
        super().__init__(look, "person", "来办事的人", "users")
        self._titles = {name: title for name, title, _ in people}
        self._seeds = {name: seed for name, _, seed in people}
        self._links = links
        self._scripts = scripts
        self._card = id_card = links.get("id_card")
        self._camera = links.get("camera")
        self.person = ""
        self._state = self.pill("card")
        self._list = self._make_list(people)
        self._title = label("", "strong", name="bench.person.title", wrap=True)
        self._name = label("", "mono", name="bench.person.name")
        self._place = icon_button(look, button("bench.person.place", "放上身份证", "primary"), "id-card")
        self._remove = button("bench.person.remove", "拿走身份证")
        self._leave = button("bench.person.leave", "人离开", spoken="人离开：拿走身份证，镜头前没有人")
        self._stage = button("bench.person.stage", "按剧本布置")
        self._stage.setToolTip("平台、手机和设备都按此人的剧本准备，包括剧本里的故障")
        self._stage.setVisible(bool(scripts) or "police_platform" in links)
        self._stage.clicked.connect(self._on_stage)
        self._place.clicked.connect(self._on_place)
        self._remove.clicked.connect(self._on_remove)
        self._leave.clicked.connect(self._on_leave)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(self._title)
        side.addWidget(self._name)
        side.addStretch(1)
        side.addWidget(self._place)
        side.addWidget(self._remove)
        side.addLayout(row(self._leave, self._stage))
        if id_card is None:
            self._place.hide()
            self._remove.hide()
            self._state.hide()
        else:
            id_card.changed.connect(self._follow)
        self._filter = QLineEdit()
        named(self._filter, "bench.person.filter", "筛选来办事的人")
        self._filter.setPlaceholderText(f"筛选 {len(people)} 个人：标题，或剧本名，例如 endorse")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._sieve)
        if len(people) < _MANY:
            self._filter.hide()
        those = QVBoxLayout()
        those.setSpacing(8)
        those.addWidget(self._filter)
        those.addWidget(self._list)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(those, 3)
        columns.addLayout(side, 2)
        self.body.addLayout(columns)
        self.pick(people[0][0])

    def _make_list(self, people: Sequence[Person]) -> QTreeWidget:
        made = QTreeWidget()
        named(made, "bench.person.list", "选择来办事的人")
        made.setColumnCount(2)
        made.setHeaderHidden(True)
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setTextElideMode(Qt.TextElideMode.ElideRight)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setFixedHeight(_ROWS * 30 + 2)
        muted = self.look.theme.color("placeholder")
        for name, title, _ in people:
            item = QTreeWidgetItem([title, name])
            item.setData(0, Qt.ItemDataRole.UserRole, name)
            item.setToolTip(0, f"{title}\n{name}")
            item.setForeground(1, muted)
            made.addTopLevelItem(item)
        header = made.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        made.setColumnHidden(1, True)
        made.currentItemChanged.connect(self._on_pick)
        return made

    def _sieve(self) -> None:
        wanted = self._filter.text().strip().casefold()
        for index in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(index)
            if item is not None:
                item.setHidden(bool(wanted) and wanted not in f"{item.text(0)} {item.text(1)}".casefold())

    def pick(self, name: str) -> None:
        """Choose somebody by scenario name; nothing happens when there is no such person."""
        for index in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(index)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == name:
                self._list.setCurrentItem(item)

    def _on_pick(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None = None) -> None:
        if item is None:
            return
        if self.person:
            self._take_card()
        self.person = str(item.data(0, Qt.ItemDataRole.UserRole))
        self._title.setText(self._titles[self.person])
        self._name.setText(self.person)
        self.stand()
        self.picked.emit(self.person)

    def stand(self) -> None:
        """The chosen person stands before the camera as somebody does who wants to be served."""
        if self._camera is not None and self.person:
            scene = {"seed": self._seeds[self.person], "faces": 1, "eyes": "open", "distance": 1.0, "yaw": 0.0}
            self._camera.do({"do": "scene", "blinking": True, **scene}, f"镜头前是“{self._titles[self.person]}”")

    def _take_card(self) -> None:
        if self._card is not None and self._card.state.get("card", "no_card") != "no_card":
            self._card.do({"do": "remove"})

    def _on_place(self) -> None:
        if self._card is not None:
            self._card.do({"do": "place", "person": self.person}, "已放上身份证")

    def _on_remove(self) -> None:
        if self._card is not None:
            self._card.do({"do": "remove"}, "已拿走身份证")

    def _on_stage(self) -> None:
        """Set the stage for the chosen person; what an earlier one left behind on the platform is cleared first."""
        platform = ({"do": "clear"}, {"do": "scenario", "name": self.person})
        default: Script = [("police_platform", command) for command in platform]
        title = self._titles[self.person]
        for key, command in self._scripts.get(self.person, default):
            if key in self._links and self._links[key].do(command, f"已按“{title}”布置") is None:
                return

    def _on_leave(self) -> None:
        self._take_card()
        if self._camera is not None:
            self._camera.do({"do": "scene", "faces": 0}, "人已离开，镜头前没有人")

    def _follow(self) -> None:
        assert self._card is not None
        state = str(self._card.state.get("card", "no_card"))
        there = state != "no_card"
        who = str(self._card.state.get("person") or "")
        text = CARD_STATES.get(state, state)
        if there and who != self.person:
            text += f"：{self._titles.get(who, '别人的卡')}"
        self._state.say(text, "ok" if state == "read" else "info" if there else "plain")
        self._place.setEnabled(bool(self.person) and not (there and who == self.person))
        self._remove.setEnabled(there)
