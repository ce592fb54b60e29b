"""What the inputs say: bits to words, without bounce, and tampering that stays told."""

from __future__ import annotations

from collections.abc import Mapping

from config.io_board import IoTable

TAMPER = "tamper"


class Senses:
    """A change counts when it was read twice in a row."""

    def __init__(self, table: IoTable) -> None:
        self._table = table
        self._on: dict[str, bool] = {}
        self._doubtful: dict[str, bool] = {}
        self._latched = False

    @property
    def known(self) -> bool:
        return len(self._on) == len(self._table.inputs)

    @property
    def doubtful(self) -> bool:
        """Something was read that differs from before; look again."""
        return bool(self._doubtful)

    def words(self) -> dict[str, str]:
        """The state of each input by name, unknown where nothing was read."""
        found = {}
        for name in self._table.inputs:
            on = True if name == TAMPER and self._latched else self._on.get(name)
            found[name] = "unknown" if on is None else self._table.words(name)[on]
        return found

    def is_on(self, name: str) -> bool:
        return self._latched if name == TAMPER and self._latched else self._on.get(name, False)

    def forget(self) -> None:
        """Nothing is known any more; that somebody tampered still is."""
        self._on.clear()
        self._doubtful.clear()

    def unlatch(self) -> None:
        """A technician has looked into it."""
        self._latched = False

    def seen(self, bits: Mapping[int, bool]) -> None:
        before, self._doubtful = self._doubtful, {}
        for name, point in self._table.inputs.items():
            if point.at not in bits:
                continue
            on = bits[point.at] is not point.inverted
            if name not in self._on or on is self._on[name] or before.get(name) is on:
                self._on[name] = on
            else:
                self._doubtful[name] = on
        if self._on.get(TAMPER):
            self._latched = True
