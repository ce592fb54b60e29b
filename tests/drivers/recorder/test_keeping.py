"""How long recordings are kept, by a clock that may be wrong: deleting evidence cannot be undone, keeping it a week longer harms nobody."""

from __future__ import annotations

import datetime as dt
import errno
import itertools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.recorder.sealed import SealedWriter
from drivers.recorder.vault import BELIEVED, DAYS_FILE, Vault
from kiosk.ports.devices import Link
from tests.drivers.recorder.conftest import KEY, rig

TODAY = dt.date(2026, 3, 18)
KEEP = 183


def days(first: dt.date, count: int = BELIEVED, every: int = 1) -> list[dt.date]:
    return [first + dt.timedelta(days=n * every) for n in range(count)]


def vault(folder: Path) -> Vault:
    made = Vault(folder, lambda: KEY, keep_days=KEEP, most_bytes=1 << 40)
    made.prepare()
    return made


def film(folder: Path, *names: str) -> None:
    for name in names:
        writer = SealedWriter(folder / f"{name}.otrec", KEY, b"head" * 4)
        writer.write(b"film")
        writer.finish(b"HEAD" * 4)


def label(day: dt.date) -> str:
    return f"{day:%Y%m%d}T101500-A"


def run(kept: Vault, on: Iterable[dt.date]) -> list[str]:
    """The machine runs on these days; what went."""
    return [name for day in on for name in kept.purge(day)]


def test_what_is_older_than_it_is_kept_goes_and_nothing_else(tmp_path: Path) -> None:
    film(tmp_path, "20250916T080000-A", "20250915T235959-A")
    (tmp_path / "20260318T080000-A.part").write_bytes(b"broken off")
    (tmp_path / "README").write_text("not ours")
    kept = vault(tmp_path)
    assert run(kept, days(TODAY)) == ["20250915T235959-A.otrec"]
    assert [each.name for each in kept.kept()] == ["20250916T080000-A.otrec"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20250916T080000-A.otrec", "README", DAYS_FILE]
    assert run(kept, [TODAY + dt.timedelta(days=BELIEVED)]) == ["20250916T080000-A.otrec"], "the next one, a day later"


def test_it_goes_on_the_seventh_day_and_not_before(tmp_path: Path) -> None:
    film(tmp_path, label(TODAY - dt.timedelta(days=KEEP + 1)))
    kept = vault(tmp_path)
    assert [len(kept.purge(day)) for day in days(TODAY, BELIEVED + 1)] == [0] * (BELIEVED - 1) + [1, 0]


def test_a_day_counts_once_however_often_the_machine_starts(tmp_path: Path) -> None:
    film(tmp_path, label(TODAY - dt.timedelta(days=KEEP + 1)))
    for _ in range(BELIEVED * 3):
        assert vault(tmp_path).purge(TODAY) == ()


def test_restarts_do_not_forget_the_week(tmp_path: Path) -> None:
    old = label(TODAY - dt.timedelta(days=KEEP + 1))
    film(tmp_path, old)
    assert [name for day in days(TODAY) for name in vault(tmp_path).purge(day)] == [f"{old}.otrec"]


# -- clocks that jump -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [dt.timedelta(days=11), dt.timedelta(days=365), dt.timedelta(days=9000)])
@pytest.mark.parametrize("stays", range(1, BELIEVED))
def test_a_clock_that_jumps_ahead_and_is_put_right_deletes_nothing(
    tmp_path: Path, jump: dt.timedelta, stays: int
) -> None:
    """For every span up to a week, in a machine that had run for long, and with a signing recorded by the wrong clock."""
    kept, ran = vault(tmp_path), days(TODAY, 30)
    film(tmp_path, *(label(day) for day in ran))
    assert run(kept, ran) == []
    wrong = days(ran[-1] + jump, stays)
    film(tmp_path, label(wrong[0]))
    assert run(kept, wrong) == []
    right = days(ran[-1] + dt.timedelta(days=stays), 20)
    assert run(kept, right) == []
    assert len(kept.kept()) == 31


def test_a_jump_the_machine_starts_with(tmp_path: Path) -> None:
    kept = vault(tmp_path)
    film(tmp_path, label(TODAY))
    assert run(kept, [dt.date(2099, 1, 1), TODAY, TODAY + dt.timedelta(days=1)]) == []


def test_a_battery_that_is_empty_does_not_keep_recordings_for_ever(tmp_path: Path) -> None:
    """Each morning the clock begins in 1970, until the net tells it better."""
    old = label(TODAY - dt.timedelta(days=KEEP + 1))
    film(tmp_path, old)
    epoch = dt.date(1970, 1, 1)
    assert run(vault(tmp_path), [each for day in days(TODAY) for each in (epoch, day)]) == [f"{old}.otrec"]


def test_a_clock_that_shows_another_year_at_every_start_is_never_believed(tmp_path: Path) -> None:
    film(tmp_path, label(TODAY))
    assert (
        run(vault(tmp_path), [TODAY + dt.timedelta(days=40 * n) for n in (25, 20, 90, 55, 300, 80, 61, 33, 71)]) == []
    )


def test_a_machine_that_stood_for_a_year_deletes_a_week_after_it_runs_again(tmp_path: Path) -> None:
    """To the machine this is the same as a clock that jumped, and it cannot matter: what is too old goes a week later."""
    kept = vault(tmp_path)
    film(tmp_path, label(TODAY))
    again = days(TODAY + dt.timedelta(days=365))
    assert run(kept, [*days(TODAY - dt.timedelta(days=20), 21), *again[:-1]]) == []
    assert run(kept, again[-1:]) == [f"{label(TODAY)}.otrec"]


@pytest.mark.parametrize(("every", "goes"), [(3, True), (10, True), (11, False)])
def test_weekends_and_holidays_are_no_jumps(tmp_path: Path, every: int, goes: bool) -> None:
    old = label(TODAY - dt.timedelta(days=KEEP + 1))
    film(tmp_path, old)
    assert run(vault(tmp_path), days(TODAY, BELIEVED, every)) == ([f"{old}.otrec"] if goes else [])


STEPS = st.lists(st.one_of(st.integers(0, 12), st.integers(-900, 900)), min_size=BELIEVED, max_size=25)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_the_clock_does_nothing_goes_without_a_week_of_being_too_old(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    """The rule itself, not how it is kept: at a deletion there were so many days of running on which it was too old."""
    folder = tmp_path_factory.mktemp("vault")
    kept, seen = vault(folder), set()
    film(folder, label(TODAY))
    for day in (TODAY + dt.timedelta(days=n) for n in itertools.accumulate([KEEP - 20, *steps])):
        seen.add(day)
        if kept.purge(day):
            assert len({each for each in seen if each > TODAY + dt.timedelta(days=KEEP)}) >= BELIEVED
            return
    assert len(kept.kept()) == 1


# -- the note of the days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoilt", [b"", b"\xff\xfe\x00", b"2026-03-1", b"2026-03-18\n20"])
def test_a_note_cut_short_begins_the_week_anew(tmp_path: Path, spoilt: bytes) -> None:
    film(tmp_path, label(TODAY - dt.timedelta(days=KEEP + 30)))
    kept = vault(tmp_path)
    run(kept, days(TODAY, BELIEVED - 1))
    (tmp_path / DAYS_FILE).write_bytes(spoilt)
    rest = days(TODAY + dt.timedelta(days=BELIEVED - 1))
    assert [len(kept.purge(day)) for day in rest] == [0] * (BELIEVED - 1) + [1]


def test_the_note_does_not_grow_for_ever(tmp_path: Path) -> None:
    run(vault(tmp_path), days(TODAY, 400))
    assert len((tmp_path / DAYS_FILE).read_text().splitlines()) == 40


# -- in the driver -----------------------------------------------------------------------------------------------------------


async def test_it_is_done_daily_while_the_machine_runs() -> None:
    """It is looked at between citizens anyway; the machine need not be started anew for it."""
    now = [TODAY]
    async with rig(today=lambda: now[0]) as r:
        old = label(TODAY - dt.timedelta(days=KEEP + 1))
        film(r.vault.folder, old)
        for day in days(TODAY)[:-1]:
            now[0] = day
            await r.recorder.check()
            assert r.files() == 1
        now[0] = days(TODAY)[-1]
        assert (await r.recorder.check()).link is Link.READY
        assert r.files() == 0


async def test_nothing_is_deleted_while_a_signing_is_recorded() -> None:
    now = [TODAY]
    async with rig(today=lambda: now[0]) as r:
        film(r.vault.folder, label(TODAY - dt.timedelta(days=KEEP + 1)))
        run(r.vault, days(TODAY)[1:-1])
        await r.recorder.start(label(TODAY))
        now[0] = days(TODAY)[-1]
        await r.recorder.check()
        assert len(list(r.vault.folder.glob("*.otrec"))) == 1
        await r.recorder.discard()
        await r.recorder.check()
        assert r.files() == 0


@pytest.mark.parametrize(
    ("number", "link"), [(errno.ENOSPC, Link.READY), (errno.EIO, Link.FAULT), (errno.EACCES, Link.FAULT)]
)
async def test_a_disk_that_takes_no_note(monkeypatch: pytest.MonkeyPatch, number: int, link: Link) -> None:
    """Without room nothing is deleted that day, and `space` says how it stands; another trouble of the disk is a fault."""
    now, real = [TODAY], os.open

    def refused(path: Any, *more: Any, **named: Any) -> int:
        if str(path).endswith(f"{DAYS_FILE}.new"):
            raise OSError(number, os.strerror(number))
        return real(path, *more, **named)

    async with rig(today=lambda: now[0]) as r:
        film(r.vault.folder, label(TODAY - dt.timedelta(days=KEEP + 1)))
        run(r.vault, days(TODAY)[:-1])
        with monkeypatch.context() as patched:
            patched.setattr(os, "open", refused)
            now[0] = days(TODAY)[-1]
            assert (await r.recorder.check()).link is link
            assert r.files() == 1
        assert (await r.recorder.check()).link is Link.READY
        assert r.files() == 0, "made good at the next look"
