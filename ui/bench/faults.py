"""Every fault every simulator can play: arm it once or until cleared, see what is armed, clear it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QFont
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem

from ui.bench.link import DeviceLink
from ui.bench.look import Choice, Look, Panel, Segments, button, label, named, row
from ui.bench.texts import CAMERA_ONCE, CAMERA_SECONDS, OPERATIONS, fault_text, times_text
from ui.theme import MONO_FAMILIES

_ID = Qt.ItemDataRole.UserRole
_COLUMNS = 4
"""Devices in a row: more do not fit beside each other."""


class FaultsPanel(Panel):
    """The list shows one device at a time; the line above it what is armed anywhere.

    `clear_all` is a button for the window's foot, where it is always in sight.
    """

    def __init__(self, look: Look, links: Sequence[DeviceLink]) -> None:
        super().__init__(look, "faults", "故障", "wrench")
        self._links = {link.key: link for link in links}
        self._total = self.pill("total")
        self._armed = label("", "", name="bench.faults.armed", wrap=True)
        self._armed.setProperty("tone", "bad")
        self._armed.setProperty("pill", True)
        self._armed.setContentsMargins(0, 6, 0, 6)
        named_links = [(link.key, link.caption) for link in links]
        self._device = Segments("bench.faults.device", "哪一台设备", named_links, columns=_COLUMNS)
        self._device.chosen.connect(lambda _key: self._build())
        self._span = Segments("bench.faults.span", "故障持续多久", (("once", "一次"), ("until", "直到清除")))
        self._operation = Choice("bench.faults.operation", "对平台的哪种请求")
        self._operation.chosen.connect(lambda _value: self._build())
        self._plug = button("bench.faults.plug", "拔线", toggle=True)
        self._plug.clicked.connect(self._on_plug)
        self._filter = QLineEdit()
        named(self._filter, "bench.faults.filter", "筛选故障")
        self._filter.setPlaceholderText("筛选")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._sieve)
        self._list = self._make_list()
        clear_one = button("bench.faults.clear", "清除这台设备", "plain")
        clear_one.clicked.connect(lambda: self._link.do({"do": "clear"}, "故障已清除"))
        self._clear_one = clear_one
        self.clear_all = button("bench.faults.clear_all", "全部清除", "danger", spoken="清除所有设备的故障")
        self.clear_all.clicked.connect(self._on_clear_all)

        self.body.addWidget(self._armed)
        self.body.addLayout(row(self._device, 1))
        controls = row(self._span, self._operation, self._filter, self._plug)
        controls.setStretch(2, 1)
        self.body.addLayout(controls)
        self.body.addWidget(self._list)
        self.body.addLayout(row(1, clear_one))
        for link in links:
            link.changed.connect(self._follow)
        self._build()

    def _make_list(self) -> QTreeWidget:
        made = QTreeWidget()
        named(made, "bench.faults.list", "故障清单，勾选即布置")
        made.setColumnCount(3)
        made.setHeaderHidden(True)
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setFixedHeight(296)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = made.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(2, 92)
        made.itemChanged.connect(self._on_item)
        return made

    @property
    def _link(self) -> DeviceLink:
        return self._links[self._device.value]

    def show_device(self, key: str) -> None:
        if key in self._links:
            self._device.show_value(key)
            self._build()

    def _build(self) -> None:
        """Fill the list with the faults of the chosen device, its own before those of its line."""
        link = self._link
        known = link.known_faults
        operations = link.operations
        self._operation.setVisible(bool(operations))
        if operations and not self._operation.count():
            for operation in operations:
                self._operation.addItem(OPERATIONS.get(operation, operation), operation)
        prefix = f"{self._operation.value}." if operations else ""
        self._span.buttons["once"].setText(f"{CAMERA_SECONDS} 秒" if link.key == "camera" else "一次")
        mono = QFont(list(MONO_FAMILIES))
        mono.setPixelSize(13)
        blocked = self._list.blockSignals(True)
        self._list.clear()
        for fault in sorted(known, key=lambda name: name.startswith("LINE.")):
            fault_id = prefix + fault
            item = QTreeWidgetItem([fault_text(fault, known[fault]), fault_id, ""])
            item.setData(0, _ID, fault_id)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, Qt.CheckState.Unchecked)
            item.setToolTip(0, known[fault] or fault_id)
            item.setFont(1, mono)
            item.setForeground(1, self.look.theme.color("placeholder"))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._list.addTopLevelItem(item)
        self._list.blockSignals(blocked)
        self._sieve()
        self._follow()

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self._list.topLevelItem(index) for index in range(self._list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _sieve(self) -> None:
        wanted = self._filter.text().strip().casefold()
        for item in self._items():
            item.setHidden(bool(wanted) and wanted not in f"{item.text(0)} {item.text(1)}".casefold())

    def _on_item(self, item: QTreeWidgetItem, column: int) -> None:
        if column != 0:
            return
        fault_id, text = str(item.data(0, _ID)), item.text(0)
        if item.checkState(0) is Qt.CheckState.Checked:
            reply = self._link.do(self._command(fault_id), f"已布置“{text}”")
        else:
            reply = self._link.do({"do": "clear", "id": fault_id}, f"已清除“{text}”")
        if reply is None:
            self._follow()

    def _command(self, fault_id: str) -> dict[str, Any]:
        command: dict[str, Any] = {"do": "fault", "id": fault_id}
        once = self._span.value == "once"
        if self._link.key == "camera":
            # A camera's faults last; only those of its worker process are counted, and these have no other way to end.
            return command | ({"seconds": CAMERA_SECONDS} if once and fault_id not in CAMERA_ONCE else {})
        return command | {"count": 1 if once else None}

    def _on_plug(self, out: bool) -> None:
        self._link.do({"do": "unplug" if out else "plug"}, "线已拔出" if out else "线已插上")
        self._follow()

    def _on_clear_all(self) -> None:
        for link in self._links.values():
            link.do({"do": "clear"}, "故障已清除")

    def _follow(self) -> None:
        self._follow_list()
        lines, total = [], 0
        for key, link in self._links.items():
            armed = link.armed
            total += len(armed)
            made = self._device.buttons[key]
            made.setText(f"{link.caption}·{len(armed)}" if armed else link.caption)
            lines += [f"{link.caption}：{fault_text(fault)}（{times_text(left)}）" for fault, left in armed.items()]
        self._armed.setText("\n".join(lines))
        self._armed.setVisible(bool(lines))
        self._total.say(f"{total} 个已布置" if total else "没有故障", "bad" if total else "ok")
        self.clear_all.setEnabled(bool(total))
        self._clear_one.setEnabled(bool(self._link.armed))
        plugged = (self._link.ask("state") or {}).get("plugged")
        self._plug.setVisible(plugged is not None)
        self._plug.setChecked(plugged is False)
        self._plug.setText("插上" if plugged is False else "拔线")

    def _follow_list(self) -> None:
        armed = self._link.armed
        tint, plain = QBrush(self.look.theme.color("bad_tint")), QBrush()
        blocked = self._list.blockSignals(True)
        for item in self._items():
            fault_id = str(item.data(0, _ID))
            on = fault_id in armed
            wanted = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            text = times_text(armed[fault_id]) if on else ""
            if item.checkState(0) is wanted and item.text(2) == text:
                continue
            item.setCheckState(0, wanted)
            item.setText(2, text)
            for column in range(3):
                item.setBackground(column, tint if on else plain)
            item.setForeground(2, self.look.theme.color("bad_text"))
        self._list.blockSignals(blocked)
        self._list.viewport().update()
