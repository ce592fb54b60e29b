"""What is known for a form: a value and where it comes from, for each key. Never changed in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from config.form_tables import Source


@dataclass(frozen=True, slots=True)
class Value:
    text: str = field(repr=False)
    source: Source


@dataclass(frozen=True, slots=True)
class Record(Mapping[str, Value]):
    """Values by key; a key that is missing, or whose text is empty, is not answered.

    A record may hold keys that are not asked any more (somebody changed an answer above): `conditions.visible` says what counts.
    """

    form_id: str
    version: int
    values_: Mapping[str, Value] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values_", MappingProxyType(dict(self.values_)))

    def __getitem__(self, key: str) -> Value:
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)

    def __hash__(self) -> int:
        return hash((self.form_id, self.version, frozenset(self.values_.items())))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (self.form_id, self.version) == (other.form_id, other.version) and dict(self.values_) == dict(
            other.values_
        )

    def text(self, key: str) -> str:
        """Empty where there is none."""
        value = self.values_.get(key)
        return value.text if value is not None else ""

    def source(self, key: str) -> Source | None:
        """None where there is no value."""
        value = self.values_.get(key)
        return value.source if value is not None and value.text else None

    def put(self, key: str, text: str, source: Source) -> Record:
        """An empty text takes the value away."""
        values = {k: v for k, v in self.values_.items() if k != key}
        if text:
            values[key] = Value(text, source)
        return Record(self.form_id, self.version, values)

    def put_all(self, values: Mapping[str, Value]) -> Record:
        return Record(self.form_id, self.version, {**self.values_, **values})
