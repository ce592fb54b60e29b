"""Fictional records of the merged form."""

from __future__ import annotations

from config.form_tables import Form

USUAL = {
    "surname_cn": "欧阳",
    "given_cn": "晓明",
    "surname_py": "OUYANG",
    "given_py": "XIAOMING",
    "id_no": "330212199003070009",
    "sex": "1",
    "ethnic": "01",
    "birth": "1990-03-07",
    "birth_place": "33",
    "hukou_addr": "浙江省宁波市鄞州区中河街道四明中路一百二十八号幸福小区七幢二单元六〇一室",
    "phone": "13800000000",
    "emer_name": "王一",
    "emer_phone": "13900000000",
    "want_passport": "1",
    "want_hkmo": "1",
    "endo_hk": "G",
    "endo_mo": "L",
    "post_addr": "浙江省宁波市鄞州区人民路一号",
    "post_code": "315100",
    "post_name": "欧阳晓明",
    "post_phone": "13800000000",
    "barcode_passport": "E33020020261121001",
    "barcode_hkmo": "C33020020261121002",
}
_HKMO_FAMILY = {
    "want_hkmo": "1",
    "hkmo_scope": "both",
    "endo_hk": "T",
    "endo_mo": "T",
    "rel_name": "阿依古丽·麦麦提依明·买买提艾力",
    "rel_sex": "2",
    "rel_relation": "SPOUSEPARENT",
    "rel_id_no": "A123456(3)",
    "rel_doc_no": "H1234567890123456789",
}
_TAIWAN = {"want_tw": "1", "tw_scope": "endorsement", "tw_permit_no": "L12345678", "tw_reason": "FM"}
_POST = {"delivery": "post", "post_addr": "新疆维吾尔自治区伊犁哈萨克自治州" + "伊宁市解放西路" * 3 + "八号"}


def _named(surname: str, given: str, surname_py: str, given_py: str, **more: str) -> dict[str, str]:
    name = {"name": surname + given, "surname_cn": surname, "given_cn": given}
    return {**USUAL, **_HKMO_FAMILY, **_TAIWAN, **name, "surname_py": surname_py, "given_py": given_py, **more}


ANSWERS = {
    "usual": _named("欧阳", "晓明", "OUYANG", "XIAOMING"),
    "dotted": _named("阿卜杜热西提", "·阿卜杜拉·买买提艾力", "ABDUREXIT", "ABDULLAMEMETELI", ethnic="05"),
    "long": _named("司马", "一" * 16, "SIMA", "YI" * 16),
    "rare": _named("𠮷", "䶮㛃𬱖", "JI", "YANXIANWEI", emer_name="𬱖㛃·𠮷", guardian_name="𠮷"),
    "family": _named("王", "小二", "WANG", "XIAOER", emer_name="阿依古丽·麦麦提依明·买买提艾力"),
    "post": _named("诸葛", "明", "ZHUGE", "MING", **_POST, post_name="阿卜杜热西提·阿卜杜拉"),
}
"""Answers to the merged form that ask much of a page."""
QR = "https://example.invalid/f/" + "A1b2C3d4" * 30


def longest(form: Form) -> dict[str, str]:
    """Every field as long as it may be; choices with their first option."""
    found = {}
    for field in form.field:
        options = form.options(field)
        if field.kind == "tick":
            found[field.key] = "1"
        elif field.kind in ("choice", "matrix"):
            found[field.key] = max(options, key=lambda option: len(option.text)).code
        elif field.kind == "date":
            found[field.key] = "1990-12-28"
        elif field.kind == "boxes":
            found[field.key] = "33021219900307000X"
        elif field.kind == "barcode":
            found[field.key] = "E33020020261121001"
        elif field.kind == "text":
            latin = field.format in (
                "pinyin",
                "mobile",
                "any_phone",
                "citizen_id",
                "hkid",
                "macao_id",
                "hkmo_id",
                "postcode",
            )
            found[field.key] = (
                "W" if latin or field.keys in ("letters", "digits", "document") else "国"
            ) * field.max_length
    return found
