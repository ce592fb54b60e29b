"""The shape of `law_plain.toml`: articles in plain words, and ready sentences for statement and defence."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.rule_tables import Mark

_LAW = re.compile(r"《(?:中华人民共和国)?([^》]+)》")
_ARTICLE = re.compile(
    r"(第[〇零一二三四五六七八九十百]+条)((?:第[一二三四五六七八九十]+款)?(?:第[（(][一二三四五六七八九十]+[）)]项)?)"
)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlainArticle(_Table):
    """One article, or one paragraph or item of it. No legal effect: the original stands beneath it."""

    law: str = Field(min_length=2)
    """Without 中华人民共和国."""
    article: Annotated[str, Field(pattern=_ARTICLE.pattern)]
    text: str = Field(min_length=4, max_length=60)
    mark: Mark
    reviewed_by: str
    """Empty until the hall's legal owner has approved it."""


class ReadySentence(_Table):
    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    text: str = Field(min_length=4, max_length=40)


class PlainLaw(_Table):
    plain: tuple[PlainArticle, ...] = ()
    statement: tuple[ReadySentence, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        places = [f"{row.law}{row.article}" for row in self.plain] + [row.id for row in self.statement]
        if twice := sorted({place for place in places if places.count(place) > 1}):
            raise ValueError(f"given twice: {', '.join(twice)}")
        return self

    def find(self, *cited: str) -> tuple[PlainArticle, ...]:
        """The rows for what these texts cite ("《中华人民共和国道路交通安全法》第九十条、第一百一十四条"), each once, in their order."""
        found: dict[str, PlainArticle] = {}
        for text in cited:
            for law, article, part in citations(text):
                row = self._row(law, article + part) or self._row(law, article)
                if row is not None:
                    found[row.law + row.article] = row
        return tuple(found.values())

    def not_reviewed(self) -> tuple[str, ...]:
        return tuple(f"{row.law}{row.article}" for row in self.plain if not row.reviewed_by)

    def _row(self, law: str, article: str) -> PlainArticle | None:
        return next((row for row in self.plain if (row.law, row.article) == (law, article)), None)


def citations(text: str) -> tuple[tuple[str, str, str], ...]:
    """(law, article, paragraph and item) of every article that a text names after its law."""
    found = []
    laws = list(_LAW.finditer(text))
    ends = [*(law.start() for law in laws[1:]), len(text)]
    for law, end in zip(laws, ends, strict=False):  # without a law there is one end too many
        span = text[law.end() : end]
        found += [(law[1], each[1], each[2].replace("(", "（").replace(")", "）")) for each in _ARTICLE.finditer(span)]
    return tuple(found)
