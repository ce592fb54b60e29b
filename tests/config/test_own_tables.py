"""A hall's own tables: what its folder holds counts, what it does not is as shipped, and a slip of the pen is said."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from config.endorsement_tables import FILE as ENDORSEMENTS
from config.payer_codes import FILE as PAYER_CODES
from config.settings import SettingsError, load
from config.tables import OWN_TABLES, TablesError, load_tables, own_table
from kiosk.app import assemble
from kiosk.verbs.diagnose import diagnose

SHIPPED = Path(config.tables.__file__).parent


def changed(folder: Path, name: str, old: str, new: str) -> None:
    text = (SHIPPED / name).read_text("utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), "utf-8")


def test_every_name_is_one_of_a_shipped_table() -> None:
    assert {name for name in OWN_TABLES if not (SHIPPED / name).is_file()} == set()
    assert {ENDORSEMENTS, PAYER_CODES} <= set(OWN_TABLES)


def test_own_files_count_and_the_others_are_as_shipped(tmp_path: Path) -> None:
    changed(tmp_path, "rules.toml", 'regions = ["local", "province", "other"]', 'regions = ["local"]')
    tables = load_tables(tmp_path)
    assert tables.rules.record.regions == {"local"}
    assert tables.holidays == load_tables().holidays
    assert own_table(tmp_path, "rules.toml") == tmp_path / "rules.toml"
    assert own_table(tmp_path, "codes.toml") is None


def test_a_misnamed_file_is_said_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "holiday.toml").write_text("")
    (tmp_path / "README.txt").write_text("whatever a hall keeps beside its tables")
    with pytest.raises(
        TablesError, match=r"no table is read from holiday\.toml; name it as one of rules\.toml, holidays"
    ):
        load_tables(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none: the hall's tables cannot be read \(No such file"):
        load_tables(tmp_path / "none")


@pytest.mark.parametrize("name", OWN_TABLES)
async def test_the_machine_reads_each_of_them(tmp_path: Path, name: str) -> None:
    """Nonsense in any of them is said by its name, and no machine begins with it."""
    (tmp_path / name).write_text("nonsense = 1\n")
    base = load(profile="ci")
    kiosk = base.kiosk.model_copy(update={"tables": tmp_path})
    ledger = base.ledger.model_copy(update={"url": f"sqlite:///{tmp_path}/l.db", "key_file": tmp_path / "l.key"})
    with pytest.raises(TablesError, match=name.replace(".", r"\.")):
        async with assemble(base.model_copy(update={"kiosk": kiosk, "ledger": ledger}), attend=False):
            pytest.fail("it began")


async def test_diagnose_says_it_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("nonsense = 1\n")
    base = load()
    devices = base.devices.model_copy(update={"permit_unit": "", "permit_reader": ""})
    kiosk = base.kiosk.model_copy(update={"tables": tmp_path})
    with pytest.raises(SettingsError, match=r"rules\.toml: "):
        await diagnose(base.model_copy(update={"devices": devices, "kiosk": kiosk}))
