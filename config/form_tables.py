"""Application forms as data (`forms/*.toml`): what is asked, under which condition, and where it stands on the page.

A form is added by adding a file: conditions and checks are words from fixed lists, nothing in a file is run as code. A file that is
wrong stops the start with sentences saying where.

Where things stand on the paper is in `form_page`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field as Limits
from pydantic import ValidationError, model_validator

from config.form_page import Cell, Page, StrictTable
from config.form_words import (
    CardName,
    Carry,
    Condition,
    Fill,
    Format,
    Key,
    Keys,
    Kind,
    Operator,
    Option,
    Sentence,
    Source,
)
from config.tables import TablesError
from config.toml_file import read_toml

__all__ = [
    "NAME_LETTERS", "NAME_PARTS", "CardName", "Carry", "Check", "CodeLists", "Condition", "Field", "Fill", "Form", "Format", "Key",
    "Keys", "Kind", "Operator", "Option", "Question", "Section", "Sentence", "Source", "list_forms", "load_codes", "load_form",
]  # fmt: skip

LISTS = "lists"
"""`lists.toml`: code lists that forms share. Every other file of the directory is a form."""
NAME_PARTS: tuple[Fill, ...] = ("card.surname", "card.given")
NAME_LETTERS: tuple[Fill, ...] = ("card.surname_pinyin", "card.given_pinyin")


class Field(StrictTable):
    key: Key
    label: str = Limits(min_length=1, max_length=40)
    source: Source
    kind: Kind
    section: Key
    required: bool = True
    """Whenever it is asked."""
    when: Condition | None = None
    """Asked only then. May speak of fields above only."""
    min_length: int = Limits(default=1, ge=1)
    max_length: int = Limits(default=40, ge=1, le=200)
    """Characters."""
    pattern: str = ""
    format: Format | None = None
    message: str = Limits(default="", max_length=120)
    """The citizen's sentence where pattern, length or format do not hold."""
    example: str = Limits(default="", max_length=60)
    keys: Keys = "none"
    options: tuple[Option, ...] = ()
    list: Key | None = None
    """Options taken from `lists.toml`."""
    open: bool = False
    """Any text is accepted beside the options."""
    ticked: str = Limits(default="是", min_length=1, max_length=20)
    """What a tick says, where it is told in words."""
    fill: Fill | None = None
    """What it is filled with; a code where the field has options."""
    copy_from: tuple[Key, ...] = ()
    """Until the citizen answers, the values of these fields one after the other."""
    carry: tuple[Carry, ...] = ()
    confirm: bool = False
    """A filled or copied value counts only once the citizen has confirmed it."""
    locked: bool = False
    """What the card's chip says is not edited."""
    cells: tuple[Cell, ...] = ()
    """Empty: held for the window, not printed."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        re.compile(self.pattern)
        if self.kind in ("choice", "matrix") and not self.options and self.list is None:
            raise ValueError(f"{self.key}: a {self.kind} needs `options` or `list`")
        if self.kind == "tick" and (self.options or self.list is not None):
            raise ValueError(f"{self.key}: a tick has no options")
        if self.options and self.list is not None:
            raise ValueError(f"{self.key}: `options` and `list` exclude each other")
        if (self.pattern or self.format) and not self.message:
            raise ValueError(f"{self.key}: a pattern or format needs the citizen's sentence (`message`)")
        if self.min_length > self.max_length:
            raise ValueError(f"{self.key}: min_length is above max_length")
        _refuse_doubles(f"{self.key}: option", [o.code for o in self.options])
        return self


class Question(StrictTable):
    """One page: what is asked together."""

    id: Key
    section: Key
    title: Sentence
    hint: str = Limits(default="", max_length=120)
    fields: tuple[Key, ...] = Limits(min_length=1)


class Section(StrictTable):
    id: Key
    title: Sentence


class Check(StrictTable):
    """Fields that must agree. Fields that are not asked count as empty; comparisons hold where a side is empty."""

    code: str = Limits(pattern=r"^F[0-9]{2}$")
    operator: Operator
    fields: tuple[Key, ...] = Limits(min_length=1)
    message: Sentence
    level: Literal["error", "warning"] = "error"
    format: Format | None = None
    years: int | None = Limits(default=None, ge=1, le=150)
    when: Condition | None = None

    @model_validator(mode="after")
    def _operands(self) -> Self:
        wanted = {"requires_one_of": 1, "at_most_one_of": 2, "requires_all": 1, "has_format": 1}.get(self.operator, 2)
        exact = self.operator not in ("requires_one_of", "at_most_one_of", "requires_all")
        if len(self.fields) < wanted or (exact and len(self.fields) != wanted):
            raise ValueError(f"{self.code}: {self.operator} does not take {len(self.fields)} fields")
        if (self.operator == "has_format") != (self.format is not None):
            raise ValueError(f"{self.code}: `format` goes with has_format")
        if self.operator.startswith("age_") != (self.years is not None):
            raise ValueError(f"{self.code}: `years` goes with age_at_least and age_below")
        return self


class Form(StrictTable):
    """One form. `lists` are the shared code lists."""

    id: str = Limits(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=24)
    version: int = Limits(ge=1, le=999)
    title: Sentence
    short_title: str = Limits(default="", max_length=20)
    """What the pages call it; the title where that is short."""
    cards: tuple[CardName, ...] = Limits(default=("resident",), min_length=1)
    """Whose card opens it; holders of others are told at once that it is not for them."""
    issued_by: str
    """What the form says of its issuer."""
    footer: str
    page: Page
    section: tuple[Section, ...] = Limits(min_length=1)
    question: tuple[Question, ...] = ()
    check: tuple[Check, ...] = ()
    field: tuple[Field, ...] = Limits(min_length=1)
    print: tuple[Cell, ...] = ()
    """Printed words that belong to no field: title, headings, footer. All draw `label` with their own `text`."""
    carries_from: str = ""
    """The form whose records fill this one."""
    applies: Condition | None = None
    """Of the record it is carried from: printed along only then."""
    lists: dict[Key, tuple[Option, ...]]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _refuse_doubles("field", [f.key for f in self.field])
        _refuse_doubles("question", [q.id for q in self.question])
        _refuse_doubles("section", [s.id for s in self.section])
        _refuse_doubles("check", [c.code for c in self.check])
        _refuse_doubles("field in a question", [key for q in self.question for key in q.fields])
        self._names_known()
        self._conditions_look_up()
        self._cells_apart()
        if not self.carries_from:
            self._can_be_completed()
        return self

    def _names_known(self) -> None:
        keys, sections = {f.key for f in self.field}, {s.id for s in self.section}
        asked = {key for q in self.question for key in q.fields}
        for what, names, known in (
            ("section", [*(f.section for f in self.field), *(q.section for q in self.question)], sections),
            ("field", [*asked, *(key for c in self.check for key in c.fields)], keys),
            ("field", [key for c in self.check if c.when for key in c.when.fields], keys),
            ("field", [key for f in self.field for key in f.copy_from], keys),
            ("list", [f.list for f in self.field if f.list is not None], set(self.lists)),
        ):
            unknown = sorted(set(names) - known)
            if unknown:
                raise ValueError(f"no {what} {unknown[0]!r}")
        for field in self.field:
            codes = {option.code for option in self.options(field)}
            for cell in field.cells:
                if cell.draws == "option" and cell.option not in codes and field.kind != "tick":
                    raise ValueError(f"{field.key}: no option {cell.option!r} to draw")
            if self.question and field.source == "user" and not field.carry and field.key not in asked:
                raise ValueError(f"{field.key}: no question asks for it")

    def _conditions_look_up(self) -> None:
        seen: set[str] = set()
        for field in self.field:
            later = sorted((field.when.fields if field.when else frozenset()) - seen)
            if later:
                raise ValueError(f"{field.key}: its condition speaks of {later[0]!r}, which is not above it")
            seen.add(field.key)

    def _can_be_completed(self) -> None:
        """No field that nobody can answer. Older forms are written on by hand."""
        asked = {key for q in self.question for key in q.fields}
        for field in self.field:
            codes = {option.code for option in self.options(field)}
            if field.required and field.key not in asked:
                raise ValueError(f"{field.key}: is required, and no question asks for it")
            if field.key in asked and (field.kind in ("photo", "barcode") or field.source == "system"):
                raise ValueError(f"{field.key}: is not for the citizen, but a question asks for it")
            if field.fill == "card.applicant_class" and codes and not {"general", "minor"} <= codes:
                raise ValueError(f"{field.key}: {field.fill} needs the options 'general' and 'minor'")
        self._name_has_pages_of_its_own()

    def _name_has_pages_of_its_own(self) -> None:
        """Parts and letters of the name are asked on pages that show nothing else."""
        fills = [f.fill for f in self.field if f.fill in (*NAME_PARTS, *NAME_LETTERS)]
        _refuse_doubles("fill", [fill for fill in fills if fill is not None])
        for question in self.question:
            found = {self.field_of(key).fill for key in question.fields}
            for own, others in ((NAME_PARTS, ("card.name",)), (NAME_LETTERS, ())):
                if found & set(own) and not found <= {*own, *others}:
                    raise ValueError(f"question {question.id}: {' and '.join(own)} need a question of their own")

    def _cells_apart(self) -> None:
        taken: dict[tuple[int, int], str] = {}
        columns = len(self.page.column_mm)
        for owner, cell in (*((f.key, c) for f in self.field for c in f.cells), *(("print", c) for c in self.print)):
            if cell.row + cell.rows > len(self.page.rows) or cell.column + cell.columns > columns:
                raise ValueError(f"{owner}: the cell at {cell.row}, {cell.column} leaves the grid")
            for square in cell.squares:
                if square in taken:
                    raise ValueError(f"{owner}: the cell at {cell.row}, {cell.column} lies on one of {taken[square]}")
                taken[square] = owner

    def field_of(self, key: str) -> Field:
        """Raises KeyError."""
        for field in self.field:
            if field.key == key:
                return field
        raise KeyError(key)

    def key_of(self, fill: Fill) -> str:
        """The first field with this fill; empty for a form that has none."""
        return next((field.key for field in self.field if field.fill == fill), "")

    @property
    def takes_photo(self) -> bool:
        """Whether a photo, or the number of one taken elsewhere, belongs to it."""
        return any(field.kind == "photo" or field.fill == "hall.photo_receipt" for field in self.field)

    def options(self, field: Field) -> tuple[Option, ...]:
        return self.lists[field.list] if field.list is not None else field.options

    def option_text(self, field: Field, code: str) -> str:
        """The option's words, of a tick what it says; the text itself where it is no option's code."""
        if field.kind == "tick" and code:
            return field.ticked
        return next((option.text for option in self.options(field) if option.code == code), code)


class CodeLists(StrictTable):
    """`lists.toml`."""

    list: dict[Key, dict[str, str]]

    def text(self, name: str, code: str) -> str:
        """浙江 for ("province", "33"); empty for a code the list does not have: a card may carry codes of its own. Raises KeyError."""
        return self.list[name].get(code, "")


def load_codes(path: Path | None = None) -> CodeLists:
    """The shared code lists; those in a hall's directory (`path`) are added, or stand in place of one of the same name.

    Raises TablesError.
    """
    lists: dict[str, dict[str, str]] = {}
    for where in (None, path) if path is not None and (path / f"{LISTS}.toml").is_file() else (None,):
        name, found = _read(LISTS, where)
        try:
            lists |= CodeLists.model_validate(_frozen(found)).list
        except ValidationError as error:
            raise TablesError(name, _sentences(error)) from error
    return CodeLists(list=lists)


def load_form(id: str = "CRJ-2014", path: Path | None = None) -> Form:
    """A form by its id, from a hall's file or directory, else as shipped. Raises TablesError."""
    return _shipped_form(id) if path is None else _form(id, path)


@cache
def _shipped_form(id: str) -> Form:
    """Nobody can change it, so that one reading does for a process."""
    return _form(id, None)


def _form(id: str, path: Path | None) -> Form:
    lists = load_codes(path if path is not None and path.is_dir() else None)
    name, found = _read(id.lower().replace("-", "_"), path)
    try:
        table = _frozen(found)
        table["lists"] = {
            key: tuple({"code": code, "text": words} for code, words in rows.items())
            for key, rows in lists.list.items()
        }
        form = Form.model_validate(table)
    except (ValidationError, re.error, RecursionError) as error:
        raise TablesError(name, _sentences(error)) from error
    if form.id != id:
        raise TablesError(name, [f"the form in it is {form.id}, not {id}"])
    return form


def list_forms(path: Path | None = None) -> tuple[str, ...]:
    """Ids of the forms that come with the program and of those in a hall's directory."""
    names = {entry.name for entry in resources.files("config").joinpath("forms").iterdir()}
    if path is not None:
        names |= {entry.name for entry in path.iterdir()}
    stems = (name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return tuple(sorted(stem.upper().replace("_", "-") for stem in stems if stem != LISTS))


def _read(stem: str, path: Path | None) -> tuple[str, dict[str, Any]]:
    """Name for messages, and what the file says. Raises TablesError."""
    own = path / f"{stem}.toml" if path is not None and path.is_dir() else path
    if not re.fullmatch(r"[a-z0-9_]+", stem):
        raise TablesError(stem, ["no such form"])
    try:
        if own is not None and (own.is_file() or own == path):
            return str(own), tomllib.loads(own.read_text("utf-8-sig"))
        return f"forms/{stem}.toml", read_toml(Path(__file__).with_name("forms") / f"{stem}.toml")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise TablesError(str(own or f"forms/{stem}.toml"), [str(error)]) from error


def _sentences(error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
    return [str(error)]


def _frozen(value: Any) -> Any:
    """TOML's lists as tuples: strict validation takes nothing else for them."""
    if isinstance(value, Mapping):
        return {key: _frozen(part) for key, part in value.items()}
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _refuse_doubles(what: str, keys: Iterable[str]) -> None:
    keys = list(keys)
    doubles = sorted({key for key in keys if keys.count(key) > 1})
    if doubles:
        raise ValueError(f"{what} given twice: {', '.join(doubles)}")
