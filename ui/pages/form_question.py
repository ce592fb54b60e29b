"""C19: one question of the form. The field that is being filled is large, its keys stand at the foot of the page."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from kiosk.screens.form import FormQuestion
from ui.pages.form_question_room import QuestionRoom
from ui.pages.form_words import HELP, NOT_CHOSEN_YET, list_button, note, question_hint, way_on
from ui.pages.paging import pack, page_of, tab_order
from ui.widgets.area_picker import AreaPicker
from ui.widgets.bars import Action
from ui.widgets.buttons import BigButton
from ui.widgets.choice_list import ChoiceList, TickCard
from ui.widgets.field_box import FieldBox
from ui.widgets.form_docks import FormDocks
from ui.widgets.form_entry import OTHER, Entry, Kept
from ui.widgets.keypads.alnum_pad import dock
from ui.widgets.lookups import areas
from ui.widgets.rows import Pager
from ui.widgets.text import Banner


class FormQuestionPage(QuestionRoom):
    """Next walks through the fields not seen yet, then answers with the texts of all that are not locked. Nothing is judged here."""

    def title(self) -> str:
        return self.data.title

    def hint(self) -> str:
        return question_hint(self.data)

    def voice(self) -> str:
        trouble = next((field.trouble for field in self.data.fields if field.trouble), "")
        return trouble or "。".join(part for part in (self.data.section, super().voice()) if part)

    def help_lines(self) -> tuple[str, ...]:
        return HELP

    # -- the way on ------------------------------------------------------------------------------------------------------

    def next_action(self) -> Action:
        return way_on(self._entries, self._active, self._unseen(), self.data.changing)

    def _unseen(self) -> Entry | None:
        return next((entry for entry in self._entries if entry.waits and entry is not self._active), None)

    def on_next(self) -> None:
        active = self._active
        if active is not None and active.typing:
            active.trouble = NOT_CHOSEN_YET
            self._show()
            return
        unseen = self._unseen()
        if unseen is not None:
            self._activate(unseen)
            return
        for entry in self._entries:
            entry.sent = entry.value
        self.answer({entry.key: entry.value for entry in self._entries if not entry.asked.locked})

    # -- building --------------------------------------------------------------------------------------------------------

    def build(self) -> None:
        theme = self.theme
        self._active: Entry | None = None
        self._rows, self._entries = {}, []
        self._shown_page: int | None = None
        column = self._column = dock(self.body, theme, self.heading)
        self._note = Banner(theme, "form.note", "warn", "")
        column.addWidget(self._note)
        self._place = column.count()
        tools = self._tools = QHBoxLayout()
        tools.setSpacing(theme.px("gap_min"))
        self._lists = BigButton(theme, "form.lists", "选省市县", "secondary", "map-pin", height="row_h")
        self._undo = BigButton(theme, "form.undo", "恢复原来的", "secondary", "refresh", height="row_h")
        self._lists.tapped.connect(lambda: self._list(True))
        self._undo.tapped.connect(self._restore_first)
        for button in (self._lists, self._undo):
            button.hide()
            tools.addWidget(button)
        column.addLayout(tools)
        self._pager = Pager(theme, "form.pager", 1)
        self._pager.turned.connect(self._turn)
        column.addWidget(self._pager)
        column.addStretch(1)
        docks = self._docks = FormDocks(theme, self.body, self)
        docks.typed.connect(self._type)
        docks.deleted.connect(self._delete)
        docks.cleared.connect(lambda: self._write(""))
        docks.moved.connect(self._move)
        docks.composing.connect(self._compose)
        docks.picked.connect(self._choose)
        docks.area.connect(self._choose_area)
        docks.keys_asked.connect(lambda: self._list(False))
        docks.turned.connect(self.rearranged)
        self._start()

    def _start(self) -> None:
        """The fields of another question, or of the first."""
        for row in self._rows.values():
            row.hide()
            row.setParent(None)
            row.deleteLater()
        self._rows, self._active, self._shown_page = {}, None, None
        self._entries = [Entry.of(asked) for asked in self.data.fields]
        for i, entry in enumerate(self._entries):
            row = self._row(entry)
            self._rows[entry.key] = row
            self._column.insertWidget(self._place + i, row)
        tab_order([*self._rows.values(), self._lists, self._undo, self._pager.previous, self._pager.following])
        self._activate(self._first())

    def _first(self) -> Entry | None:
        """Where there is trouble, else what is missing, else the first that can be filled."""
        fillable = [entry for entry in self._entries if entry.fillable]
        order = [e for e in fillable if e.trouble] + [e for e in fillable if e.missing] + fillable
        return order[0] if order else None

    def _row(self, entry: Entry) -> FieldBox | TickCard:
        asked = entry.asked
        name = f"form.field.{asked.key}"
        if asked.ask == "ticks":
            tick = TickCard(self.theme, name, asked.label, bool(asked.value))
            tick.setEnabled(not asked.locked)
            tick.ticked.connect(lambda on: self._fill(entry, "1" if on else ""))
            return tick
        lines = (4 if self.theme.large else 3) if asked.max_length > 40 else 1
        look = entry.look(False)
        box = FieldBox(self.theme, name, asked.label, optional=asked.optional, lines=lines, look=look)
        box.tapped.connect(lambda: self._activate(entry))
        box.placed.connect(lambda at: self._put_caret(entry, at))
        return box

    # -- filling ---------------------------------------------------------------------------------------------------------

    def _activate(self, entry: Entry | None) -> None:
        if self._active is not None:
            self._active.typing = ""
        self._active, self._shown_page = entry, None
        if entry is not None:
            entry.seen = True
        self._docks.show_for(entry)
        shown = self._docks.shown
        if isinstance(shown, ChoiceList) and entry is not None:
            shown.stand_apart(entry.asked.label if len(self._entries) > 1 else "")
        self._show()
        self.rearranged.emit()
        self.chrome_changed.emit()

    def _type(self, characters: str) -> None:
        entry = self._active
        if entry is None:
            return
        if not entry.typed.type(characters):
            self._refuse(entry)
            return
        entry.trouble = ""
        self._changed()

    def _refuse(self, entry: Entry) -> None:
        entry.trouble = f"写不下了，最多 {entry.asked.max_length} 个字。"
        self._show()

    def _delete(self) -> None:
        if self._active is not None:
            self._active.typed.delete()
            self._active.trouble = ""
            self._changed()

    def _write(self, text: str) -> None:
        if self._active is not None:
            self._fill(self._active, text)

    def _fill(self, entry: Entry, text: str) -> None:
        entry.typed.replace(text)
        entry.trouble = ""
        self._changed()

    def _compose(self, letters: str) -> None:
        if self._active is not None:
            self._active.typing, self._active.trouble = letters, ""
            self._show()

    def _move(self, by: int) -> None:
        if self._active is not None:
            self._active.typed.move(by)
            self._show()

    def _put_caret(self, entry: Entry, shown: int) -> None:
        entry.typed.place(entry.typed.typed_at(shown))
        self._show()

    def _choose(self, code: str) -> None:
        entry = self._active
        if entry is None:
            return
        if code == OTHER:
            entry.typed.replace("")
            self._list(False)
            return
        again = entry.asked.optional and entry.value == code
        self._fill(entry, "" if again else code)
        if isinstance(self._docks.shown, ChoiceList):
            self._docks.shown.choose(entry.value)

    def _choose_area(self, area: str) -> None:
        """Another area before the same street; the street is written after it."""
        entry = self._active
        if entry is None:
            return
        _, street = areas().of_address(entry.value)
        text = area + street
        if len(text) > entry.asked.max_length:
            self._refuse(entry)
            return
        self._fill(entry, text)
        entry.typed.place(len(area))

    def _list(self, listed: bool) -> None:
        """From the keypad to the list, or back."""
        entry = self._active
        if entry is None:
            return
        if listed and entry.asked.ask == "choice":
            entry.typed.replace("")
        entry.listed = listed
        self._activate(entry)
        if isinstance(self._docks.shown, AreaPicker):
            self._docks.shown.start()

    def _restore_first(self) -> None:
        if self._active is not None:
            self._docks.show_for(self._active)  # letters not chosen yet are gone
            self._fill(self._active, Entry.of(self._active.asked).typed.text)

    def _changed(self) -> None:
        self._show()
        self.chrome_changed.emit()

    # -- showing ---------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        for entry in self._entries:
            row = self._rows[entry.key]
            if isinstance(row, FieldBox):
                row.show_look(entry.look(entry is self._active))
            else:
                row.setChecked(bool(entry.value))
        tone, text = note(self._entries, any(map(self._sole, self._entries)))
        self._note.set_message(tone, text)
        self._note.reveal(bool(text))
        self._offer_tools()
        self._fit()

    def _offer_tools(self) -> None:
        entry = self._active
        caption, icon = list_button(entry) if entry is not None else ("", "")
        if caption:
            self._lists.restyle(caption, "secondary", icon, icon_after=False, waiting=False)
        self._lists.setVisible(bool(caption))
        listed = entry is None or entry.tool in ("choices", "areas")
        self._undo.setVisible(not listed and entry is not None and bool(entry.asked.value) and entry.changed)

    def _fit(self) -> None:
        """As many rows as there is room for over the keys, the active one among them; the keys take what is left."""
        if self.width() < self.theme.px(700) or not self._entries:
            return
        width = self._width()
        usual, least = self._docks.heights(self._dock_width())
        if isinstance(self._docks.shown, ChoiceList) and self._docks.shown.apart:
            usual = self._docks.shown.height_of(self._dock_width())  # at the foot of the page, like keys
        for row in self._rows.values():
            if isinstance(row, FieldBox):
                row.tighten(False)
                row.limit(0)
        tall = [self._height(row, width) for row in self._rows.values()]
        index = next((i for i, entry in enumerate(self._entries) if entry is self._active), 0)
        gap, room = self._column.spacing(), self._room(least)
        turned = gap + self.theme.px("pager_h") if len(tall) > 1 else 0
        if room < tall[index] + turned and turned and not self._note.isHidden():
            self._note.hide()  # the sentence at the field stays
            room = self._room(least)
        tight = tall[index] > room - turned or isinstance(self._docks.shown, AreaPicker)
        tall[index] = self._tightened(index, tight, width)
        active = list(self._rows.values())[index]
        most = tall[index] > room - turned
        if isinstance(active, FieldBox) and most:
            active.limit(room - turned)
        pages = pack(tall, room, gap, len(tall))
        if len(pages) > 1:
            pages = pack(tall, room - self.theme.px("pager_h") - gap, gap, len(tall))
        page = page_of(pages, index) if self._shown_page is None else min(self._shown_page, len(pages) - 1)
        self._pager.set_pages(len(pages), page)
        if tall[index] > room - (turned if len(pages) > 1 else 0) and self._active is not None:
            if self._active.trouble:
                self._pager.hide()  # what is wrong here is mended first; it is back with the next key
            else:
                self._lists.hide()
                self._undo.hide()
                if isinstance(active, FieldBox) and most:
                    active.limit(self._room(least) - turned)
        self._pages = pages
        for i, (entry, row) in enumerate(zip(self._entries, self._rows.values(), strict=True)):
            row.setVisible(i in pages[page] and not self._sole(entry))
        self._place_dock(usual, least)

    def _turn(self, page: int) -> None:
        entries = [self._entries[i] for i in self._pages[page]]
        first = next((entry for entry in entries if entry.fillable), None)
        if first is not None:
            self._activate(first)
        else:
            self._shown_page = page
            self._show()
            self.rearranged.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- life ------------------------------------------------------------------------------------------------------------

    def refresh(self, screen: FormQuestion, before: FormQuestion) -> None:
        if screen.id != before.id:
            self._docks.drop()
            self._start()
            return
        kept = {entry.key: entry for entry in self._entries}
        if [field.key for field in screen.fields] != list(kept):
            states = {key: entry.kept() for key, entry in kept.items()}
            active = self._active.key if self._active is not None else ""
            self._start()
            self._put_back(states)
            self._activate(next((e for e in self._entries if e.key == active and e.fillable), self._first()))
        else:
            for asked in screen.fields:
                kept[asked.key].follow(asked)
        troubled = next((entry for entry in self._entries if entry.trouble and entry.fillable), None)
        wanted = troubled or self._active
        if wanted is not None and (wanted is not self._active or not self._docks.suits(wanted)):
            self._activate(wanted)
            return
        if wanted is not None:
            wanted.seen = True
        self._show()

    def _put_back(self, states: dict[str, Kept]) -> None:
        for entry in self._entries:
            if entry.key in states and not entry.asked.locked:
                entry.restore(states[entry.key])

    def keep(self) -> object:
        active = self._active.key if self._active is not None else ""
        return ({entry.key: entry.kept() for entry in self._entries}, active)

    def restore(self, kept: tuple[dict[str, Kept], str]) -> None:
        states, active = kept
        self._put_back(states)
        self._activate(next((entry for entry in self._entries if entry.key == active), self._first()))

    def clear(self) -> None:
        self._docks.drop()
        for row in self._rows.values():
            if isinstance(row, FieldBox):
                row.clear()
        self._entries, self._active = [], None
        super().clear()
