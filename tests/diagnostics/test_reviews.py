"""Texts of the law that nobody has reviewed stand where whoever answers for the hall sees them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from config.sections import Technician
from config.tables import Tables, load_tables
from kiosk.diagnostics.access import Access
from kiosk.diagnostics.reviews import OPEN, review_groups, review_remarks, review_summary
from kiosk.screens.day_end import DayEndView
from kiosk.screens.diagnostics import Overview, Section, Setting, SettingsView
from tests.diagnostics.bay import CODE, HASH, LEAVE, Hands, go, login, on
from tests.journeys.stage import staged

SHIPPED = load_tables()
PLAIN = SHIPPED.plain.not_reviewed()


def reviewed(tables: Tables, but: int = 0) -> Tables:
    """Everything approved, but for the first so many articles in plain words."""
    plain = [
        row.model_copy(update={"reviewed_by": "" if number < but else "法制大队"})
        for number, row in enumerate(tables.plain.plain)
    ]
    legal = [row.model_copy(update={"reviewed_by": "法制大队"}) for row in tables.legal.text]
    return tables.model_copy(
        update={
            "plain": tables.plain.model_copy(update={"plain": tuple(plain)}),
            "legal": tables.legal.model_copy(update={"text": tuple(legal)}),
        }
    )


def test_as_shipped_each_article_is_named() -> None:
    assert len(PLAIN) == len(SHIPPED.plain.plain), "this house has no legal department"
    groups = dict(review_groups(SHIPPED))
    rows = groups[f"待法制审核：法律条文通俗说明 {len(PLAIN)} 条"]
    assert rows == tuple(Setting(code, OPEN, "law_plain.toml") for code in PLAIN)
    assert len(groups[f"待法制审核：法律文书用语 {len(SHIPPED.legal.text)} 条"]) == len(SHIPPED.legal.text)
    (_, plain) = review_summary(SHIPPED)[1]
    assert plain == Setting("法律条文通俗说明", f"{len(PLAIN)} 条没有经法制部门审核", "law_plain.toml")
    (_, remark) = review_remarks(SHIPPED)
    assert remark.startswith(f"{len(PLAIN)} plain-language law texts (law_plain.toml) are not reviewed")
    assert all(code in remark for code in PLAIN)


def test_two_that_wait() -> None:
    tables = reviewed(SHIPPED, but=2)
    assert [name for name, _ in review_groups(tables)] == ["待法制审核：法律条文通俗说明 2 条"]
    assert [row.value for row in review_summary(tables)[1]] == ["全部审核过", "2 条没有经法制部门审核"]
    (remark,) = review_remarks(tables)
    assert remark.endswith(f": {', '.join(PLAIN[:2])}.")


def test_nothing_waits() -> None:
    tables = reviewed(SHIPPED)
    assert (review_groups(tables), review_remarks(tables)) == ((), ())
    assert {row.value for row in review_summary(tables)[1]} == {"全部审核过"}


async def test_a_technician_reads_it_on_the_page_of_the_settings(tmp_path: Path) -> None:
    """As the kiosk puts it together, first and last among the settings; late payment is on the other page likewise."""
    async with staged(tmp_path, "happy_two_records") as stage:
        made = stage.machine.technicians
        door = Access(
            stage.machine.books.store, stage.machine.clock, made.audit, [Technician(code=CODE, pin_hash=HASH)]
        )
        hands = Hands(
            (
                login(),
                on(Overview, go(Section.DAY_END)),
                on(DayEndView, go(Section.SETTINGS)),
                on(SettingsView, LEAVE),
            )
        )
        async with asyncio.timeout(30):
            assert await replace(made, access=door).attend(hands) == "exit"
        groups = hands.last(SettingsView).groups
        assert groups[0] == review_summary(SHIPPED)
        assert groups[-2:] == review_groups(SHIPPED)
        assert "kiosk.id" in {row.key for _, rows in groups[1:-2] for row in rows}
        assert hands.last(DayEndView).late is not None
