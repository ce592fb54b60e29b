"""Names for a form, as the tables of names divide and spell them."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.name_tables import NameTables
from kiosk.domain.names import NameParts, romanise, split_name


@dataclass(frozen=True, slots=True)
class TableNames:
    """`fill.Names` over the tables. `old_spelling`: that of an older document (SURNAME<<GIVEN), which wins."""

    tables: NameTables = field(repr=False)
    old_spelling: str | None = field(default=None, repr=False)

    def split_name(self, name: str, /) -> tuple[str, str]:
        parts = split_name(name, self.tables)
        return parts.surname, parts.given

    def pinyin_of(self, surname: str, given: str, /) -> tuple[str, str]:
        # How sure the border is plays no part in the spelling.
        found = romanise(NameParts(surname, given, certain=True), self.tables, self.old_spelling)
        return found.text_surname, found.text_given
