"""What names one applicant, as it might be written down, and where it is looked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from config.form_tables import load_form
from config.scenarios import Scenario, load_scenario
from kiosk.ports.clock import SystemClock

DOCUMENT = (
    b"%PDF-", b"\xff\xd8\xff\xdb", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xee",
    b"JVBERi0", b"/9j/2w", b"/9j/4A", b"/9j/4Q", b"/9j/7g",
)  # fmt: skip
"""Beginnings of a PDF and of a JPEG, as they are and in base64."""
WHO = """[person]
name = "欧阳演示"
birth = 1993-11-27
sex = "1"
face_seed = 302
area = "330212"
address = "浙江省宁波市鄞州区模拟街道隐私路 47 弄 11 号 301 室"
valid_from = "today-4y"
valid_to = "today+16y"

[form]
photo = "camera"

[form.answers]
phone = "13000004711"
emer_name = "测试隐"
emer_phone = "13000004712"
want_passport = "1"
passport_kind = "first"
delivery = "window"
"""
NAME, PINYIN = "欧阳演示", ("OUYANG", "YANSHI")


def applicant(folder: Path, *, photo: str = "camera") -> tuple[Path, Scenario]:
    """A person whom no other test knows, so that whatever names them comes from here; in a file of their own."""
    file = folder / "form_private.toml"
    head = 'service = "form"\nname = "form_private"\ntitle = "填表"\ndescription = "A form."\noutcome = "printed"\n\n'
    file.write_text(head + WHO.replace('photo = "camera"', f'photo = "{photo}"'))
    return file, load_scenario(file, SystemClock().now().date())


def needles(scenario: Scenario) -> Mapping[str, str]:
    """By what it is. Choices that many people make alike (a tick, a code) name nobody and are left out."""
    person, wants = scenario.person, scenario.form
    assert wants is not None
    table = load_form("CRJ-2014")
    told = {**wants.answers, **wants.brings}
    free = {key: text for key, text in told.items() if len(text) > 2 and not table.options(table.field_of(key))}
    card = {"name": person.name, "number": person.number, "address": person.address, "street": person.address[:14]}
    card |= {"birth": f"{person.birth:%Y-%m-%d}", "birth digits": f"{person.birth:%Y%m%d}"}
    letters = dict(zip(("surname in letters", "given name in letters"), PINYIN, strict=True))
    return {**card, **free, **(letters if person.name == NAME else {})}


def traces(files: Iterable[Path], named: Mapping[str, str], *, documents: bool = True) -> list[str]:
    """Files in which somebody is named, or in which a PDF or a photo lies, and what was found there."""
    wanted: dict[bytes, str] = {}
    for what, text in named.items():
        for code in ("utf-8", "gbk", "utf-16-le", "utf-16-be", "unicode_escape"):
            wanted.setdefault(text.encode(code), f"{what} in {code}")
    if documents:
        wanted |= dict.fromkeys(DOCUMENT, "a document")
    found, seen = [], set()
    for file in files:
        try:
            told = file.stat()
            if (told.st_dev, told.st_ino) in seen:
                continue  # shared by two processes
            seen.add((told.st_dev, told.st_ino))
            content = file.read_bytes() + b"\n" + str(file).encode()
        except OSError:
            continue  # gone meanwhile, or no file with a content
        found += [f"{file}: {what}" for each, what in wanted.items() if each in content]
    return found


def files_below(*folders: Path) -> list[Path]:
    """Regular files only, also those a link does not lead to."""
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
