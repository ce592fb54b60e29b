"""C19 of the name in letters: looked at, chosen where a character has several readings, or typed by hand."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.domain.name_reading import Reading
from kiosk.domain.names import Part, Romanised
from kiosk.screens.form import PinyinAnswer, SpellName
from ui.pages.base import PageWidget
from ui.pages.paging import pack, page_of, tab_order
from ui.widgets.bars import Action
from ui.widgets.buttons import BigButton
from ui.widgets.field_box import FieldBox, FieldLook
from ui.widgets.form_pads import KeysPad, make_pad
from ui.widgets.keypads.alnum_pad import dock, fit_tray
from ui.widgets.reading_row import ReadingRow
from ui.widgets.rows import Pager
from ui.widgets.spelt_name import SpeltName, is_open, spelt_as_read
from ui.widgets.text import Banner
from ui.widgets.typed_text import TypedText

LONGEST = 40
RULE = "只填字母，不填声调。字母 ü 写成 YU：吕写成 LYU。"
FULL = f"写不下了，最多 {LONGEST} 个字母。"
_LABELS: dict[Part, str] = {"surname": "姓的拼音", "given": "名的拼音"}
_MISSING: dict[Part, str] = {"surname": "还没有填姓的拼音。", "given": "还没有填名的拼音。"}


class _Kept(NamedTuple):
    """Across a change of theme. `texts` only while letters are typed."""

    page: int
    seen: frozenset[int]
    texts: dict[Part, tuple[str, int]] | None
    active: Part


class SpellNamePage(PageWidget[SpellName]):
    """Next turns to what was not seen yet, then answers `ok`; a reading is answered at once, typed letters when they are done.
    The journey's update shows what became of them."""

    def title(self) -> str:
        return "请填写姓名的拼音" if self._typing else "请核对姓名的拼音"

    def hint(self) -> str:
        if self._typing:
            return "办过证件的，照着原来的证件填。"
        return "拼音会写在证件上，请一个字一个字看。"

    def voice(self) -> str:
        return self.data.trouble or super().voice()

    def help_lines(self) -> tuple[str, ...]:
        return (
            "字的下面是拼音，有几种读音的字，点您用的那一种。",
            "以前办过证件的，拼音要和原来的证件一样。",
            "拼音不对，点“手工修改”，自己填字母。",
        )

    def next_action(self) -> Action:
        if self._typing:
            return Action("填好了", "primary", "check", waiting=self._missing() is not None)
        if self._unseen() is not None:
            return Action("还有，往后看", "primary", "arrow-right", icon_after=True, spoken="还有没看的，往后看")
        waiting = not self.data.spelt.settled
        return Action("拼音对，继续", "primary", "arrow-right", icon_after=True, waiting=waiting)

    # -- building --------------------------------------------------------------------------------------------------------

    _typing = False
    _page = 0

    def build(self) -> None:
        theme = self.theme
        self._texts: dict[Part, TypedText] = {}
        self._active: Part = "surname"
        self._pad: KeysPad | None = None
        self._fields: dict[Part, FieldBox] = {}
        self._pages: list[range] = [range(0)]
        self._paged: list[QWidget] = []
        self._seen: set[int] = set()
        self._rows: list[ReadingRow] = []
        self._cautions: list[Banner] = []
        column = self._column = dock(self.body, theme, self.heading)
        self._trouble = Banner(theme, "pinyin.trouble", "bad", "")
        column.addWidget(self._trouble)
        self._name = SpeltName(theme, "pinyin.name")
        column.addWidget(self._name)
        self._place = column.count()
        self._pager = Pager(theme, "pinyin.pager", 1)
        self._pager.turned.connect(self._turn)
        column.addWidget(self._pager)
        self._edit = BigButton(theme, "pinyin.edit", "手工修改", "secondary", "pen", height="row_h")
        self._edit.tapped.connect(self._open_keys)
        column.addWidget(self._edit)
        self._rule = Banner(theme, "pinyin.rule", "info", RULE)
        self._rule.hide()
        column.addWidget(self._rule)
        column.addStretch(1)
        column.addSpacing(theme.px(24))
        self._show()

    def _make_rows(self) -> None:
        """What must be chosen, what must be read, then the other characters of several readings."""
        spelt = self.data.spelt
        found = sorted(spelt.ambiguous, key=lambda position: not position.forced)
        fresh = [row.position for row in self._rows] != found
        if fresh:
            _drop([*self._rows])
            self._rows = []
            for position in found:
                part, index = position.part, position.index
                character = _readings(spelt, part)[index].character
                row = ReadingRow(self.theme, f"pinyin.{part}.{index}", position, character)
                row.picked.connect(lambda spelling, part=part, index=index: self._pick(part, index, spelling))
                self._rows.append(row)
        texts = spelt.warnings
        if [banner.accessibleName() for banner in self._cautions] != list(texts):
            _drop([*self._cautions])
            self._cautions = [Banner(self.theme, f"pinyin.caution.{i}", "warn", t) for i, t in enumerate(texts, 1)]
        for i, block in enumerate(self._blocks):
            if self._column.indexOf(block) != self._place + i:
                self._column.insertWidget(self._place + i, block)
        if fresh:
            stops: list[QWidget] = [button for row in self._rows for button in row.buttons]
            tab_order([*stops, self._pager.previous, self._pager.following, self._edit])

    @property
    def _blocks(self) -> list[QWidget]:
        forced = sum(row.position.forced for row in self._rows)
        return [*self._rows[:forced], *self._cautions, *self._rows[forced:]]

    # -- looking ---------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        screen = self.data
        self._make_rows()
        self._name.show_name(screen.surname, screen.given, screen.spelt)
        for row in self._rows:
            part, reading = row.position.part, _readings(screen.spelt, row.position.part)[row.position.index]
            must = is_open(screen.spelt, reading)
            known = spelt_as_read(screen.spelt, part) and not must
            row.show_chosen(reading.spelling if known else "", must)
        self._trouble.set_message("bad", screen.trouble)
        self._fit()

    def _unseen(self) -> int | None:
        """A page not seen yet with more than readings that are usually right as they are."""
        weighty = [not isinstance(block, ReadingRow) or block.position.forced for block in self._paged]
        return next(
            (i for i, rows in enumerate(self._pages) if i not in self._seen and any(weighty[row] for row in rows)), None
        )

    def _turn(self, page: int) -> None:
        self._page = page
        self._seen.add(page)
        self._fit()
        self.rearranged.emit()
        self.chrome_changed.emit()

    def _pick(self, part: Part, index: int, spelling: str) -> None:
        self.answer(PinyinAnswer("reading", part, index, spelling))

    def on_next(self) -> None:
        unseen = self._unseen()
        if self._typing:
            self._finish_typing()
        elif unseen is not None:
            self._turn(unseen)
        else:
            self.answer(PinyinAnswer("ok"))

    def on_back(self) -> None:
        if self._typing:
            self._close_keys()
        else:
            super().on_back()

    def _fit(self) -> None:
        """Readings and cautions on as many pages as they need under the name; while letters are typed, none of it."""
        looking, blocks = not self._typing, self._blocks
        self._name.reveal(looking)
        self._edit.reveal(looking)
        self._rule.reveal(not looking)
        self._trouble.reveal(looking and bool(self.data.trouble))
        if self.width() < self.theme.px(700):
            return
        if not looking:
            for block in (*blocks, self._pager):
                block.hide()
            if self._pad is not None:
                fit_tray(self, self.body, self._column, self._pad, self._pad.usual, self._pad.least)
            return
        gap, room = self._column.spacing(), self._room()
        tall = [self._tall(block) for block in blocks]
        own = self._tall(self._name) + gap
        turn = self._pager.height() + gap
        if tall and own + max(tall) + turn > room:
            blocks, tall = [self._name, *blocks], [own - gap, *tall]  # a very long name has a page of its own
        else:
            room -= own
        waited = self._unseen()
        self._paged, self._pages = blocks, pack(tall, room, gap, len(tall))
        if len(self._pages) > 1:
            self._pages = pack(tall, room - turn, gap, len(tall))
        self._page = min(self._page, len(self._pages) - 1)
        self._seen.add(self._page)
        self._pager.set_pages(len(self._pages), self._page)
        for i, block in enumerate(blocks):
            block.setVisible(i in self._pages[self._page])
        if self._unseen() != waited:
            self.chrome_changed.emit()

    def _tall(self, block: QWidget) -> int:
        width = self.width() - 2 * self.theme.px("margin")
        return block.heightForWidth(width) if block.hasHeightForWidth() else block.height()

    def _room(self) -> int:
        """Under the heading, above the button for typing."""
        theme, gap = self.theme, self._column.spacing()
        room = self.height() - self.body.contentsMargins().top() - theme.px(24)
        if self.heading is not None:
            room -= self._tall(self.heading) + theme.pick(18, 0) + gap
        if not self._trouble.isHidden():
            room -= self._tall(self._trouble) + gap
        return room - theme.px("row_h") - gap

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- typing ----------------------------------------------------------------------------------------------------------

    def _parts(self) -> list[Part]:
        """A name that was not divided has letters of one part only."""
        return ["surname", "given"] if self.data.given or not self.data.surname else ["surname"]

    def _open_keys(self) -> None:
        spelt = self.data.spelt
        letters: dict[Part, str] = {"surname": spelt.text_surname, "given": spelt.text_given}
        self._texts = {part: TypedText.of("letters", LONGEST, letters[part]) for part in self._parts()}
        self._active = next((part for part in self._texts if not letters[part]), "surname")
        self._enter_typing()

    def _enter_typing(self) -> None:
        for i, part in enumerate(self._texts):
            if part not in self._fields:
                box = FieldBox(self.theme, f"pinyin.field.{part}", _LABELS[part])
                box.tapped.connect(lambda part=part: self._activate(part))
                box.placed.connect(self._put_caret)
                self._fields[part] = box
                self._column.insertWidget(self._column.indexOf(self._edit) + 1 + i, box)
        if self._pad is None:
            made = make_pad(self.theme, "letters", "pinyin.pad")
            assert isinstance(made, KeysPad)
            self._pad = made
            made.typed.connect(self._type)
            made.deleted.connect(self._delete)
            made.cleared.connect(lambda: self._write(""))
            self.body.addWidget(made)
        self._typing = True
        self._pad.show()
        self._switch()

    def _close_keys(self) -> None:
        self._texts, self._typing = {}, False
        for box in self._fields.values():
            box.clear()
        if self._pad is not None:
            self._pad.hide()
        self._switch()

    def _switch(self) -> None:
        if self.heading is not None:
            self.heading.set_texts(self.title(), self.hint())
        self._show_fields()
        self._fit()
        self.rearranged.emit()
        self.chrome_changed.emit()

    def _show_fields(self, trouble: str = "") -> None:
        for part, box in self._fields.items():
            box.reveal(part in self._texts)
            if part not in self._texts:
                continue
            text, active = self._texts[part], part == self._active
            box.show_look(
                FieldLook(
                    text.text, text.caret, trouble=trouble if active else "", active=active, empty="点下面的字母填写"
                )
            )

    def _changed(self, trouble: str = "") -> None:
        self._show_fields(trouble)
        self._fit()
        self.chrome_changed.emit()

    def _activate(self, part: Part) -> None:
        self._active = part
        self._changed()
        self.rearranged.emit()

    def _put_caret(self, at: int) -> None:
        self._texts[self._active].place(at)
        self._changed()

    def _type(self, letter: str) -> None:
        if self._typing:
            self._changed("" if self._texts[self._active].type(letter) else FULL)

    def _delete(self) -> None:
        if self._typing:
            self._texts[self._active].delete()
            self._changed()

    def _write(self, text: str) -> None:
        if self._typing:
            self._texts[self._active].replace(text)
            self._changed()

    def _missing(self) -> Part | None:
        return next((part for part, text in self._texts.items() if not text.text), None)

    def _finish_typing(self) -> None:
        missing = self._missing()
        if missing is not None:
            self._active = missing
            self._changed(_MISSING[missing])
            return
        letters = {part: text.text for part, text in self._texts.items()}
        surname, given = letters["surname"], letters.get("given", "")
        spelt = self.data.spelt
        self._close_keys()
        if (surname, given) != (spelt.text_surname, spelt.text_given) or not spelt.settled:
            self.answer(PinyinAnswer("typed", surname=surname, given=given))

    # -- life ------------------------------------------------------------------------------------------------------------

    def refresh(self, screen: SpellName, before: SpellName) -> None:
        """The page of the rows stays; what complains goes to where a reading is missing."""
        self._show()
        if bool(screen.trouble) != bool(before.trouble):
            self.rearranged.emit()
        if screen.trouble and not self._typing:
            wanted = next((i for i, b in enumerate(self._paged) if isinstance(b, ReadingRow) and b.must), None)
            if wanted is not None:
                self._page = page_of(self._pages, wanted)
                self._fit()

    def keep(self) -> object:
        texts: dict[Part, tuple[str, int]] = {part: (t.text, t.caret) for part, t in self._texts.items()}
        return _Kept(self._page, frozenset(self._seen), texts if self._typing else None, self._active)

    def restore(self, kept: _Kept) -> None:
        self._page, self._seen, self._active = kept.page, set(kept.seen), kept.active  # pages may differ in large text
        if kept.texts is not None:
            self._texts = {part: TypedText("letters", LONGEST, text, at) for part, (text, at) in kept.texts.items()}
            self._enter_typing()
        else:
            self._fit()
            self.chrome_changed.emit()

    def clear(self) -> None:
        self._texts = {}
        for box in self._fields.values():
            box.clear()
        self._name.clear()
        _drop(self._blocks)
        self._rows, self._cautions, self._paged = [], [], []
        super().clear()


def _readings(spelt: Romanised, part: Part) -> tuple[Reading, ...]:
    return spelt.surname if part == "surname" else spelt.given


def _drop(widgets: list[QWidget]) -> None:
    for widget in widgets:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()
