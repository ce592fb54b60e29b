"""The rows of the audit chain as they lie in the file, whatever somebody made of them, and the walk that checks them one after another.

Nothing here trusts a row: a number that is none, text that is not UTF-8 and values of another type are findings, not exceptions.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kiosk.ledger.audit_head import Mark

BROKEN = "audit_broken"
_COLUMNS = "seq, at, who, what, detail, hash"
_ANCHOR = re.compile(r"(\d{1,15})-([0-9a-f]{8,64})")
_PRINTED = 16
"""Hex digits of a hash on paper: 64 bits, for a person to compare."""

SENTENCES: Mapping[str, str] = {
    "head_missing": "there are rows, and the head file that goes with them is gone",
    "head_altered": "the head file was altered, or was written with another key",
    "head_differs": "the newest row is not the one that the head file names",
    "head_old": "the head file is older than the table: one of the two was put back",
    "cut_short": "rows are missing at the end: the table ends at row {table}, the head file names row {file}",
}


@dataclass(frozen=True, slots=True)
class Chain:
    """What `Audit.verify` found."""

    whole: bool
    rows: int
    head: str
    """Hash of the newest row; "" where there is none."""
    trouble: str
    """One English sentence about the first thing that is wrong; "" for a whole chain."""
    bad: int | None = None
    """The row it is about, where it is about one."""
    anchor: str = ""
    """Number and beginning of the hash of the newest row, for paper."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as read: any column may hold anything."""

    seq: Any
    at: Any
    who: Any
    what: Any
    detail: Any
    hash: Any

    @property
    def number(self) -> int:
        return self.seq if type(self.seq) is int else -1

    @property
    def anchor(self) -> str:
        return f"{self.number}-{str(self.hash)[:_PRINTED]}"

    def digest(self, key: bytes, before: str) -> str | None:
        """HMAC over the hash of the row before and this row's canonical form; None for a row that never was one of ours."""
        texts = (self.at, self.who, self.what, self.detail)
        if self.number < 1 or not all(isinstance(text, str) for text in texts):
            return None
        said = json.dumps([before, self.seq, *texts], ensure_ascii=False, separators=(",", ":"))
        return hmac.new(key, said.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()

    def follows(self, key: bytes, before: str) -> bool:
        return isinstance(self.hash, str) and self.digest(key, before) == self.hash


def read(connection: sa.Connection, which: str, **values: Any) -> list[Raw]:
    """`which`: the query's end, from WHERE on."""
    return [Raw(*row) for row in connection.execute(sa.text(f"SELECT {_COLUMNS} FROM audit {which}"), values)]


def insert(connection: sa.Connection, row: Raw) -> None:
    values = ", ".join(f":{name.strip()}" for name in _COLUMNS.split(","))
    given = {"seq": row.seq, "at": row.at, "who": row.who, "what": row.what, "detail": row.detail, "hash": row.hash}
    connection.execute(sa.text(f"INSERT INTO audit ({_COLUMNS}) VALUES ({values})"), given)


@contextmanager
def text_as_it_is(connection: sa.Connection) -> Iterator[None]:
    """SQLite keeps any bytes as text; read so, they hash to what they are instead of ending the query."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    usual = driver.text_factory
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = usual


def misfit(key: bytes, mark: Mark | None, last: Raw | None, previous: Raw | None) -> str:
    """How the head file and the table's last two rows do not fit, as a word of `SENTENCES`; "" where they do.

    A file one row behind is what a stop between row and file leaves.
    """
    if mark is None:
        return "head_missing" if last else ""
    end = last.number if last else 0
    if mark.seq > end:
        return "cut_short"
    if mark.seq < end - 1:
        return "head_old"
    named = last if mark.seq == end else previous
    known = named.hash if named and named.number == mark.seq else ""
    if known != mark.hash or (last and mark.seq == end - 1 and not last.follows(key, mark.hash)):
        return "head_differs"
    return ""


def read_anchor(text: str) -> Mark | None:
    """What stands on paper, with or without blanks; None for "". Raises ValueError."""
    plain = "".join(text.split()).lower()
    if not plain:
        return None
    if (found := _ANCHOR.fullmatch(plain)) is None:
        raise ValueError(
            "an anchor is a row's number, a hyphen and at least 8 figures of its hash, e.g. 128-1f3a9c02d4e5b6a7"
        )
    return Mark(int(found[1]), found[2])


class Walk:
    """Checks rows in the order of their numbers and stops at the first that does not fit."""

    def __init__(self, key: bytes, anchor: Mark | None) -> None:
        self._key = key
        self._anchor = anchor
        self._last: Raw | None = None
        self._previous: Raw | None = None
        self._count = 0
        self._trouble = ""
        self._bad: int | None = None

    def take(self, connection: sa.Connection, chunk: int) -> bool:
        """Check up to `chunk` more rows. Whether there may be more to check."""
        after = "" if self._last is None else "WHERE seq > :after"
        values = {"chunk": chunk} if self._last is None else {"chunk": chunk, "after": self._last.number}
        rows = read(connection, f"{after} ORDER BY seq LIMIT :chunk", **values)
        for row in rows:
            self._check(row)
            if self._trouble:
                return False
        return len(rows) == chunk

    def end(self, connection: sa.Connection, mark: Mark | None, *, altered: bool) -> Chain:
        """The verdict, from the same transaction as the last rows."""
        found = connection.execute(sa.text("SELECT COUNT(*) FROM audit")).scalar_one()
        newest = next(iter(read(connection, "ORDER BY seq DESC LIMIT 1")), None)
        if not self._trouble:
            self._check_end(mark, altered, found)
        head = newest.hash if newest and isinstance(newest.hash, str) else ""
        anchor = newest.anchor if newest else ""
        return Chain(not self._trouble, found, head, self._trouble, self._bad, anchor)

    @staticmethod
    def gone() -> Chain:
        return Chain(False, 0, "", "the table of the audit chain is gone")

    def _check(self, row: Raw) -> None:
        wanted = self._count + 1
        before = self._last.hash if self._last else ""
        if type(row.seq) is not int:
            self._found(None, f"a row without a number was put in before row {wanted}")
        elif row.number > wanted:
            self._found(wanted, f"row {wanted} is missing")
        elif row.number < wanted:
            self._found(row.number, f"a row that is not of this chain was put in before row {wanted}")
        elif not row.follows(self._key, before):
            self._found(wanted, f"row {wanted} was altered or exchanged, or the key is another")
        elif row.what == BROKEN:
            why = f"row {wanted}, of {row.at}: the machine itself found the chain broken then: {row.detail}"
            self._found(wanted, why)
        elif self._anchor and self._anchor.seq == wanted and not row.hash.startswith(self._anchor.hash):
            self._found(wanted, f"row {wanted} is not the one on paper: table and head file were put back together")
        self._previous, self._last, self._count = self._last, row, wanted

    def _check_end(self, mark: Mark | None, altered: bool, found: int) -> None:
        word = "head_altered" if altered else misfit(self._key, mark, self._last, self._previous)
        if found != self._count:
            self._found(None, "there are rows that have no number, or one number twice")
        elif word:
            file = mark.seq if mark else 0
            bad = self._count + 1 if word == "cut_short" else None
            self._found(bad, SENTENCES[word].format(table=self._count, file=file))
        elif self._anchor and self._anchor.seq > self._count:
            why = f"the paper names row {self._anchor.seq}, and the table ends at row {self._count}"
            self._found(self._count + 1, f"{why}: table and head file were put back together")

    def _found(self, bad: int | None, trouble: str) -> None:
        self._trouble, self._bad = trouble, bad
