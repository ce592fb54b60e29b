"""Texts of the law that nobody has reviewed: they are shown and printed all the same, so whoever answers for the hall must see which."""

from __future__ import annotations

from config.tables import Tables
from kiosk.screens.diagnostics import Setting

TABLES = (
    ("legal.toml", "法律文书用语", "legal texts"),
    ("law_plain.toml", "法律条文通俗说明", "plain-language law texts"),
)
SUMMARY = "法制审核"
OPEN = "没有审核"


def not_reviewed(tables: Tables) -> dict[str, tuple[str, ...]]:
    """The codes of these texts by the name of their table; a table that is reviewed whole has none."""
    return {"legal.toml": tables.legal.not_reviewed(), "law_plain.toml": tables.plain.not_reviewed()}


def review_summary(tables: Tables) -> tuple[str, tuple[Setting, ...]]:
    """One row for each table, to stand where it is seen."""
    found = not_reviewed(tables)
    rows = [
        Setting(what, f"{count} 条没有经法制部门审核" if (count := len(found[name])) else "全部审核过", name)
        for name, what, _ in TABLES
    ]
    return SUMMARY, tuple(rows)


def review_groups(tables: Tables) -> tuple[tuple[str, tuple[Setting, ...]], ...]:
    """Each text that waits, table by table."""
    found = not_reviewed(tables)
    return tuple(
        (f"待法制审核：{what} {len(codes)} 条", tuple(Setting(code, OPEN, name) for code in codes))
        for name, what, _ in TABLES
        if (codes := found[name])
    )


def review_remarks(tables: Tables) -> tuple[str, ...]:
    """The same for who reads English: a sentence for each table that is not reviewed whole. Remarks, no failures."""
    found = not_reviewed(tables)
    return tuple(
        f"{len(codes)} {what} ({name}) are not reviewed by the legal department: {', '.join(codes)}."
        for name, _, what in TABLES
        if (codes := found[name])
    )
