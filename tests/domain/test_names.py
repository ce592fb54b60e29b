"""Names in travel documents: where they divide, how they are spelt, what only the citizen can know."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.name_tables import NameTables, load_names
from kiosk.domain.names import (
    CAUTION_TEXTS,
    DG1_LENGTH,
    NameParts,
    Romanised,
    choose,
    clean_name,
    retype,
    romanise,
    split_at,
    split_name,
)

RARE = "\U0003106c"  # no reading in the dictionary, outside GBK


@pytest.fixture(scope="module")
def names() -> NameTables:
    return load_names()


def spelt(name: str, names: NameTables, old: str | None = None) -> Romanised:
    return romanise(split_name(name, names), names, old)


def whys(name: Romanised) -> set[str]:
    return {caution.why for caution in name.cautions}


@pytest.mark.parametrize(
    ("name", "surname", "given_name", "certain"),
    [
        pytest.param("张三", "张", "三", True, id="two"),
        pytest.param("张伟明", "张", "伟明", True, id="three"),
        pytest.param("欧阳小明", "欧阳", "小明", True, id="compound and two"),
        pytest.param("欧阳明", "欧阳", "明", True, id="compound and one"),
        pytest.param("欧阳", "欧", "阳", False, id="could be compound without a given name"),
        pytest.param("尉迟恭", "尉迟", "恭", True, id="Yuchi"),
        pytest.param("万俟雅言", "万俟", "雅言", True, id="Moqi"),
        pytest.param("长孙无忌", "长孙", "无忌", True, id="Zhangsun"),
        pytest.param("闻人杰", "闻人", "杰", False, id="compound or not"),
        pytest.param("爱新觉罗明", "爱新觉罗", "明", True, id="four"),
        pytest.param("张王小明", "张", "王小明", False, id="both parents' surnames"),
        pytest.param("扎西多吉", "扎", "西多吉", False, id="four without surname"),
        pytest.param("买买提·吐尔逊", "买买提", "吐尔逊", False, id="dot"),
        pytest.param("阿依古丽•买买提", "阿依古丽", "买买提", False, id="another dot"),
        pytest.param("甲·乙·丙", "甲", "乙·丙", False, id="two dots"),
        pytest.param("张", "张", "", False, id="one"),
        pytest.param("", "", "", False, id="nothing"),
        pytest.param(" 张　三 ", "张", "三", True, id="blanks"),
        pytest.param("SMITH JOHN", "SMITH", "JOHN", False, id="Latin"),
        pytest.param("欧阳张伟明", "欧阳", "张伟明", False, id="compound and three"),
        pytest.param("· · ·", "", "", False, id="dots only"),
    ],
)
def test_split(names: NameTables, name: str, surname: str, given_name: str, certain: bool) -> None:
    assert split_name(name, names) == NameParts(surname, given_name, certain)


@pytest.mark.parametrize(
    ("length", "surname", "given_name"),
    [(1, "张", "王小明"), (2, "张王", "小明"), (4, "张王小明", ""), (9, "张王小明", ""), (0, "张", "王小明")],
)
def test_the_citizen_moves_the_split(length: int, surname: str, given_name: str) -> None:
    assert split_at("张王小明", length) == NameParts(surname, given_name, certain=True)


def test_a_moved_split_drops_the_dot() -> None:
    assert split_at("买买提·吐尔逊", 3) == split_at("买买提·吐尔逊", 4) == NameParts("买买提", "吐尔逊", certain=True)


@pytest.mark.parametrize(
    ("name", "surname", "given_name"),
    [
        pytest.param("吕强", "LYU", "QIANG", id="ü after l"),
        pytest.param("王略", "WANG", "LUE", id="üe after l"),
        pytest.param("女娃", "NYU", "WA", id="ü after n"),
        pytest.param("王绿", "WANG", "LYU", id="ü in the given name"),
        pytest.param("王虐", "WANG", "NUE", id="üe after n"),
        pytest.param("徐旭", "XU", "XU", id="plain u after x"),
        pytest.param("曲菊", "QU", "JU", id="plain u after q and j"),
        pytest.param("王雨", "WANG", "YU", id="plain u after y"),
        pytest.param("王小明", "WANG", "XIAOMING", id="given name in one word"),
        pytest.param("李西安", "LI", "XIAN", id="no apostrophe"),
        pytest.param("欧阳小明", "OUYANG", "XIAOMING", id="compound in one word"),
        pytest.param("司马光", "SIMA", "GUANG", id="Sima"),
        pytest.param("闾丘明", "LYUQIU", "MING", id="compound with ü"),
        pytest.param("买买提·吐尔逊", "MAIMAITI", "TUERXUN", id="dot falls away"),
        pytest.param("张〇", "ZHANG", "LING", id="zero"),
    ],
)
def test_spelling(names: NameTables, name: str, surname: str, given_name: str) -> None:
    found = spelt(name, names)
    assert (found.text_surname, found.text_given) == (surname, given_name)


SURNAMES = (
    "单SHAN 解XIE 仇QIU 查ZHA 曾ZENG 区OU 朴PIAO 任REN 尉迟YUCHI 万俟MOQI 长孙ZHANGSUN 澹台TANTAI 令狐LINGHU 员YUN 逄PANG 缪MIAO "
    "冼XIAN 洗XIAN 黑HE 召SHAO 秘BI 种CHONG 繁PO 郗XI 折SHE 祭ZHAI 都DU 俞YU 燕YAN 宁NING 纪JI 欧阳OUYANG 司马SIMA 诸葛ZHUGE "
    "上官SHANGGUAN 华HUA 葛GE 沈SHEN 万WAN 晏YAN 乜NIE 訾ZI 佘SHE 宓MI 鄞YIN"
)


@pytest.mark.parametrize("line", SURNAMES.split())
def test_surnames_have_readings_of_their_own(names: NameTables, line: str) -> None:
    hanzi, letters = re.split(r"(?=[A-Z])", line, maxsplit=1)
    found = spelt(hanzi + "小明", names)
    assert (found.text_surname, found.text_given) == (letters, "XIAOMING")
    assert found.settled


@pytest.mark.parametrize("line", ["盖GE/GAI", "乐YUE/LE", "翟ZHAI/DI", "覃QIN/TAN", "牟MU/MOU", "隗WEI/KUI"])
def test_some_surnames_only_the_citizen_knows(names: NameTables, line: str) -> None:
    first, second = line[1:].split("/")
    found = spelt(f"{line[0]}小明", names)
    assert not found.settled
    assert [(p.part, p.index, p.options, p.forced) for p in found.ambiguous] == [("surname", 0, (first, second), True)]
    assert found.text_surname == first
    chosen = choose(found, "surname", 0, second)
    assert (chosen.text_surname, chosen.text_given, chosen.settled) == (second, "XIAOMING", True)
    assert found.text_surname == first


def test_the_same_character_in_a_given_name_is_offered_not_forced(names: NameTables) -> None:
    found = spelt("王小乐", names)
    assert found.text_given == "XIAOLE"
    assert [(p.part, p.index, p.options, p.forced) for p in found.ambiguous] == [("given", 1, ("LE", "YUE"), False)]
    assert choose(found, "given", 1, "YUE").text_given == "XIAOYUE"
    for part, index, spelling in (("given", 1, "LUO"), ("given", 7, "LE"), ("surname", -1, "WANG")):
        with pytest.raises(ValueError, match="not offered"):
            choose(found, part, index, spelling)  # type: ignore[arg-type]


def test_a_word_tells_the_reading(names: NameTables) -> None:
    assert spelt("王重阳", names).text_given == "CHONGYANG"
    assert spelt("王长江", names).text_given == "CHANGJIANG"


@pytest.mark.parametrize(
    "line", ["似SI", "卜BU", "裳SHANG", "晟SHENG", "茜QIAN", "行XING", "重CHONG", "车CHE", "钥YUE", "柏BAI"]
)
def test_default_readings_in_given_names(names: NameTables, line: str) -> None:
    assert spelt("王" + line[0], names).text_given == line[1:]


def test_both_parents_surnames_are_read_as_surnames(names: NameTables) -> None:
    found = romanise(split_at("张曾小明", 2), names)
    assert (found.text_surname, found.text_given) == ("ZHANGZENG", "XIAOMING")


USUAL_RARE = "喆ZHE 玥YUE 珺JUN 甯NING 瑄XUAN 翀CHONG 祎YI 昇SHENG 垚YAO 赟YUN 旸YANG 澍SHU 濛MENG 堃KUN 镕RONG 晞XI 龢HE 晟SHENG"


@pytest.mark.parametrize("character", USUAL_RARE.split())
def test_usual_rare_characters(names: NameTables, character: str) -> None:
    assert spelt("王" + character[0], names).text_given == character[1:]


def test_a_character_nobody_knows_is_kept_with_a_caution(names: NameTables) -> None:
    found = spelt(f"王{RARE}明", names)
    assert (found.text_surname, found.text_given) == ("WANG", "MING")
    assert found.given[0].character == RARE
    assert whys(found) == {"rare_character", "no_reading"}
    assert {(c.part, c.position) for c in found.cautions} == {("given", 0)}
    assert len(found.warnings) == 2


def test_a_document_knows_what_the_dictionary_does_not(names: NameTables) -> None:
    found = spelt(f"王{RARE}明", names, "WANG<<JIAMING")
    assert (found.text_given, found.source) == ("JIAMING", "document")
    assert found.given[0].spelling == "JIA"
    assert whys(found) == {"rare_character"}


def test_outside_gbk_but_known(names: NameTables) -> None:
    found = spelt("王龑", names)
    assert found.text_given == "YAN"
    assert not whys(found)
    unknown_to_gbk = spelt("王㛃", names)
    assert unknown_to_gbk.text_given == "JIE"
    assert whys(unknown_to_gbk) == {"rare_character"}


@pytest.mark.parametrize(
    ("name", "old", "surname", "given_name"),
    [
        pytest.param("吕强", "LV<<QIANG", "LV", "QIANG", id="V before 2012"),
        pytest.param("吕强", "LU<<QIANG", "LU", "QIANG", id="U before 2012"),
        pytest.param("吕强", "LYU<<QIANG<<<<<<<<", "LYU", "QIANG", id="fillers"),
        pytest.param("王绿", "WANG<<LV", "WANG", "LV", id="V in the given name"),
        pytest.param("王小乐", "WANG<<XIAOYUE", "WANG", "XIAOYUE", id="another reading"),
        pytest.param("盖明", "GAI<<MING", "GAI", "MING", id="settles a forced choice"),
        pytest.param("单小明", "DAN<<XIAOMING", "DAN", "XIAOMING", id="a reading of the dictionary"),
        pytest.param("王小明", "WANG, XIAO-MING", "WANG", "XIAOMING", id="printed form"),
        pytest.param("张三", "zhang<<san", "ZHANG", "SAN", id="small letters"),
        pytest.param("买买提·吐尔逊", "MAIMAITI<<TUERXUN", "MAIMAITI", "TUERXUN", id="dot"),
    ],
)
def test_an_older_documents_spelling_wins(
    names: NameTables, name: str, old: str, surname: str, given_name: str
) -> None:
    found = spelt(name, names, old)
    assert (found.text_surname, found.text_given, found.source) == (surname, given_name, "document")
    assert "old_spelling_differs" not in whys(found)
    assert found.settled


def test_it_wins_even_where_it_does_not_fit(names: NameTables) -> None:
    found = spelt("阿依古丽·买买提", names, "MEMET<<AYGUL")
    assert (found.text_surname, found.text_given) == ("MEMET", "AYGUL")
    assert "old_spelling_differs" in whys(found)


def test_a_name_cut_off_by_the_chip_is_completed(names: NameTables) -> None:
    whole = spelt("欧阳庄双双", names)
    assert whole.dg1_preview == "OUYANG<<ZHUANGSHUA"
    assert "truncated" in whys(whole)
    again = spelt("欧阳庄双双", names, whole.dg1_preview)
    assert (again.text_surname, again.text_given) == ("OUYANG", "ZHUANGSHUANGSHUANG")
    assert whys(again) == {"truncated"}


@pytest.mark.parametrize("old", ["WANGXIAOMING", "<<XIAOMING", "123", "，，"])
def test_an_old_spelling_that_cannot_be_read(names: NameTables, old: str) -> None:
    found = spelt("王小明", names, old)
    assert (found.text_surname, found.text_given, found.source) == ("WANG", "XIAOMING", "readings")
    assert whys(found) == {"old_spelling_unreadable"}


@pytest.mark.parametrize("old", [None, "", "<<<<", " "])
def test_no_old_spelling(names: NameTables, old: str | None) -> None:
    found = spelt("王小明", names, old)
    assert (found.source, found.cautions) == ("readings", ())


def test_one_name_only(names: NameTables) -> None:
    found = romanise(split_at("扎西", 2), names)
    assert (found.text_surname, found.text_given, found.dg1_preview) == ("ZHAXI", "", "ZHAXI")
    assert "no_given_name" in whys(found)
    assert romanise(split_at("扎西", 2), names, "TASHI").text_surname == "TASHI"


def test_typed_by_the_citizen(names: NameTables) -> None:
    found = retype(spelt("盖·明", names), "gě", "míng-Lü 1")
    assert (found.text_surname, found.text_given, found.source) == ("GE", "MINGLYU", "typed")
    assert found.settled
    assert retype(found, "", "").dg1_preview == ""


@pytest.mark.parametrize(
    ("name", "preview"),
    [
        ("张三", "ZHANG<<SAN"),
        ("欧阳小明", "OUYANG<<XIAOMING"),
        ("上官霜爽", "SHANGGUAN<<SHUANGS"),
        ("张", "ZHANG"),
        ("", ""),
    ],
)
def test_what_the_chip_holds(names: NameTables, name: str, preview: str) -> None:
    assert spelt(name, names).dg1_preview == preview


def test_nothing_of_a_name_is_shown_by_repr(names: NameTables) -> None:
    found = spelt("盖小乐", names)
    said = repr(found) + repr(found.ambiguous) + repr(found.surname) + repr(split_name("盖小乐", names))
    assert not re.search(r"[盖小乐]|XIAO|GAI|LE", said)


def test_every_caution_has_a_sentence() -> None:
    assert all(text.endswith("。") and "！" not in text for text in CAUTION_TEXTS.values())


ANY_NAME = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), min_size=1, max_size=8),
    st.text("盖乐单吕女绿欧阳万俟·• aÉü<１", max_size=9),
    st.text(st.characters(min_codepoint=0x20000, max_codepoint=0x323AF), max_size=4),
)
ANY_OLD = st.one_of(st.none(), st.text(max_size=20), st.from_regex(r"[A-Z]{0,10}(<<)?[A-Z]{0,14}", fullmatch=True))


@given(name=ANY_NAME, old=ANY_OLD, at=st.integers(-2, 14))
def test_no_name_fails_and_only_letters_come_out(name: str, old: str | None, at: int) -> None:
    tables = load_names()
    for parts in (split_name(name, tables), split_at(name, at)):
        found = romanise(parts, tables, old)
        assert re.fullmatch(r"[A-Z]*", found.text_surname + found.text_given)
        assert re.fullmatch(r"[A-Z<]*", found.dg1_preview)
        assert len(found.dg1_preview) <= DG1_LENGTH
        assert all(CAUTION_TEXTS[caution.why] for caution in found.cautions)
        for position in found.ambiguous:
            for option in position.options:
                changed = choose(found, position.part, position.index, option)
                assert re.fullmatch(r"[A-Z]*", changed.text_surname + changed.text_given)


@given(name=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=6))
def test_a_spelling_that_was_made_is_recognised(name: str) -> None:
    tables = load_names()
    parts = split_name(name, tables)
    plain = romanise(parts, tables)
    again = romanise(parts, tables, plain.dg1_preview)
    if plain.text_surname and plain.text_given and len(plain.text_surname) < DG1_LENGTH - 2:
        assert (again.text_surname, again.text_given) == (plain.text_surname, plain.text_given)
        assert "old_spelling_differs" not in whys(again)


@given(name=st.text(max_size=20))
def test_cleaning_twice_changes_nothing(name: str) -> None:
    assert clean_name(clean_name(name)) == clean_name(name)


def test_very_long(names: NameTables) -> None:
    found = spelt("王" * 3000, names, "WANG<<" + "WANG" * 3000)
    assert (found.text_given, found.source) == ("WANG" * 3000, "document")
    assert found.dg1_preview == "WANG<<WANGWANGWANG"
    assert whys(found) == {"old_spelling_differs", "truncated"}
