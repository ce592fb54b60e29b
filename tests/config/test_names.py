"""The shipped tables of names, places and the pinyin keypad, and what a hall is told when its own is wrong."""

from __future__ import annotations

from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest

from config.area_tables import AreaTables, load_areas
from config.keypad_tables import load_keypad
from config.name_tables import NameTables, load_names
from config.tables import TablesError
from tests.config import make_keypad


@pytest.fixture(scope="module")
def names() -> NameTables:
    return load_names()


@pytest.fixture(scope="module")
def areas() -> AreaTables:
    return load_areas()


def own(tmp_path: Path, file: str, old: str, new: str) -> Path:
    shipped = resources.files("config").joinpath(file).read_text("utf-8")
    assert old in shipped
    path = tmp_path / file
    path.write_text(shipped.replace(old, new, 1), "utf-8")
    return path


def test_surnames(names: NameTables) -> None:
    assert names.surname["单"] == ("SHAN", "DAN")
    assert {"盖", "乐", "翟", "覃", "牟", "隗"} <= names.ambiguous
    assert {
        "欧阳",
        "司马",
        "诸葛",
        "上官",
        "尉迟",
        "万俟",
        "长孙",
        "澹台",
        "令狐",
    } <= names.compound.keys() - names.perhaps
    assert names.compound["尉迟"] == ("YU", "CHI")
    assert names.longest == 4
    assert set("王李张刘陈杨赵黄周吴鄞忻") <= names.singles


def test_every_reading_is_a_syllable(names: NameTables) -> None:
    syllables = load_keypad().syllables.keys()
    for table in (names.surname, names.given, names.compound):
        for characters, readings in table.items():
            assert {make_keypad.keyed(reading) for reading in readings} <= syllables, characters


def test_rare_characters_are_outside_gb2312(names: NameTables) -> None:
    assert not names.rare.encode("gb2312", "ignore")
    assert len(set(names.rare)) == len(names.rare)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param('"单 SHAN DAN"', '"单 shan"', "'单 shan' is not characters and readings", id="small letters"),
        pytest.param('"单 SHAN DAN"', '"单 SHAN", "单 DAN"', "单 is given twice", id="twice"),
        pytest.param('"单 SHAN DAN"', '"单于 SHAN"', "'单于' is not one character", id="two characters"),
        pytest.param('"盖 GE GAI"', '"盖 GE"', "盖 has one reading only", id="ambiguous with one"),
        pytest.param(
            '"欧阳 OU YANG"', '"欧阳 OUYANG"', "欧阳 needs two or more characters and a reading for each", id="joined"
        ),
        pytest.param('"欧阳 OU YANG"', '"钟离 ZHONG LI"', "钟离 is compound twice", id="sure and not sure"),
        pytest.param("[given]", "[other]", "given: Field required", id="section"),
        pytest.param("[given]", "[given", "", id="not TOML"),
    ],
)
def test_a_wrong_file_of_names(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(TablesError) as caught:
        load_names(own(tmp_path, "names.toml", old, new))
    assert problem in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    for load in (load_names, load_areas, load_keypad):
        with pytest.raises(TablesError):
            load(tmp_path / "missing.toml")


def test_provinces(areas: AreaTables) -> None:
    assert len(areas.provinces()) == 34
    assert "".join(area.code for area in areas.provinces()) == (
        "11121314152122233132333435363741424344454650515253546162636465718182"
    )
    assert (areas.short_name("33"), areas.short_name("3302"), areas.short_name("99")) == ("浙江", "浙江", "")


def test_zhejiang(areas: AreaTables) -> None:
    assert [area.name for area in areas.below("33")][:3] == ["杭州市", "宁波市", "温州市"]
    assert len(areas.below("33")) == 11
    assert sum(len(areas.below(city.code)) for city in areas.below("33")) == 90
    assert {area.code: area.name for area in areas.below("3302")} == {
        **{"330203": "海曙区", "330205": "江北区", "330206": "北仑区", "330211": "镇海区", "330212": "鄞州区"},
        **{"330213": "奉化区", "330225": "象山县", "330226": "宁海县", "330281": "余姚市", "330282": "慈溪市"},
    }


def test_lists_of_other_provinces(areas: AreaTables) -> None:
    assert len(areas.below("31")) == 16  # a municipality has districts at once
    assert len(areas.below("50")) == 38
    assert areas.below("42")[-1].code == "429021"
    assert areas.below("3201") == ()
    assert areas.below("71") == ()
    cities = [area for area in areas.areas.values() if len(area.code) == 4]
    assert len(cities) == 333


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param("330212199001010006", "浙江省宁波市鄞州区", id="whole identity number"),
        pytest.param("330299", "浙江省宁波市", id="unknown district"),
        pytest.param("339900", "浙江省", id="unknown city"),
        pytest.param("330204", "浙江省宁波市江东区", id="abolished district"),
        pytest.param("330227", "浙江省宁波市鄞县", id="abolished county"),
        pytest.param("310115", "上海市浦东新区", id="municipality"),
        pytest.param("500240", "重庆市石柱土家族自治县", id="county of a municipality"),
        pytest.param("429004", "湖北省仙桃市", id="directly under the province"),
        pytest.param("810000", "香港特别行政区", id="Hong Kong"),
        pytest.param("830000", "台湾省", id="residence permit of a Taiwan resident"),
        pytest.param("33", "浙江省", id="province"),
        pytest.param("990000", None, id="unknown"),
        pytest.param("3", None, id="short"),
        pytest.param("", None, id="nothing"),
        pytest.param("X", None, id="no digits"),
    ],
)
def test_where_an_identity_number_begins(areas: AreaTables, code: str, name: str | None) -> None:
    found = areas.find(code)
    assert (found.full_name if found else None) == name


@pytest.mark.parametrize(
    ("address", "code", "rest"),
    [
        pytest.param("浙江省宁波市鄞州区中河街道甲路1号", "330212", "中河街道甲路1号", id="all names"),
        pytest.param("宁波市鄞州区甲路1号", "330212", "甲路1号", id="without the province"),
        pytest.param("浙江省慈溪市浒山街道", "330282", "浒山街道", id="without the city"),
        pytest.param("慈溪市浒山街道", "330282", "浒山街道", id="the county-level city only"),
        pytest.param("浙江省宁波市某某区甲路", "3302", "某某区甲路", id="unknown district"),
        pytest.param("上海市浦东新区甲路", "310115", "甲路", id="municipality"),
        pytest.param("江苏省南京市鼓楼区甲路", "3201", "鼓楼区甲路", id="districts not listed"),
        pytest.param("重庆市江北区甲路", "500105", "甲路", id="a district's name in two cities"),
        pytest.param("江北区甲路", None, "江北区甲路", id="which of the two cannot be told"),
        pytest.param("甲路1号", None, "甲路1号", id="none"),
        pytest.param("", None, "", id="nothing"),
    ],
)
def test_what_an_address_begins_with(areas: AreaTables, address: str, code: str | None, rest: str) -> None:
    found, left = areas.of_address(address)
    assert (found.code if found else None, left) == (code, rest)


@pytest.mark.parametrize(
    ("code", "province"), [("330204", "33"), ("830000", "71"), ("65", "65"), ("00", None), ("", None)]
)
def test_birth_province_proposed(areas: AreaTables, code: str, province: str | None) -> None:
    found = areas.province_of(code)
    assert (found.code if found else None) == province


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("02宁波市", "01宁波市", "3301 is given twice", id="twice"),
        pytest.param("02宁波市", "2宁波市", "'2宁波市' is not 2 digits and a name", id="one digit"),
        pytest.param("02宁波市", "0002宁波市", "is not 2 digits and a name", id="four digits"),
        pytest.param("02宁波市 ", "", "no city 3302", id="districts without their city"),
        pytest.param('code = "33"', 'code = "3"', "province.10.code", id="province"),
    ],
)
def test_a_wrong_file_of_areas(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(TablesError) as caught:
        load_areas(own(tmp_path, "areas.toml", old, new))
    assert problem in str(caught.value)


def test_the_keypads_table_is_the_one_that_is_made() -> None:
    if version("pypinyin") != "0.55.0":
        pytest.skip("made with another version of the dictionary")
    assert make_keypad.FILE.read_text("utf-8") == make_keypad.content(), "run python -m tests.config.make_keypad"


def test_the_keypad_has_every_common_character(names: NameTables) -> None:
    tables = load_keypad()
    shown = set("".join(tables.syllables.values()))
    assert {*make_keypad.level(16, 55), *make_keypad.level(56, 87), *names.rare} <= shown
    assert len(make_keypad.level(16, 55)) == 3755
    assert shown == tables.rank.keys()
    assert all(len(set(found)) == len(found) for found in tables.syllables.values())


def test_the_keypad_has_every_surname_under_its_readings(names: NameTables) -> None:
    syllables = load_keypad().syllables
    for surname, readings in names.surname.items():
        for reading in readings:
            if surname in "".join(syllables.values()):
                assert surname in syllables[make_keypad.keyed(reading)], surname
    assert [c for c in names.singles if c not in "".join(syllables.values())] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("宁波 ning bo\n", "宁波 ning\n", "'宁波 ning' is not a word", id="one syllable short"),
        pytest.param("宁波 ning bo\n", "宁波 ning boo\n", "'宁波 ning boo' is not a word", id="no syllable"),
        pytest.param("wo = '", "WO = '", "'WO' is not letters with characters", id="capitals"),
        pytest.param("[words]", "[other]", "`order`, [syllables] and [words] are needed", id="section"),
    ],
)
def test_a_wrong_keypad_table(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(TablesError) as caught:
        load_keypad(own(tmp_path, "keypad.toml", old, new))
    assert problem in str(caught.value)


def test_the_data_is_small() -> None:
    files = ("names.toml", "areas.toml", "keypad.toml", "keypad_words.toml")
    assert sum(len(resources.files("config").joinpath(file).read_bytes()) for file in files) < 300_000
