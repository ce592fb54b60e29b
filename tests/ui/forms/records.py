"""Fictional records of the merged form."""

from __future__ import annotations

from config.form_tables import Form

USUAL = {
    "surname_cn": "欧阳",
    "given_cn": "晓明",
    "surname_py": "OUYANG",
    "given_py": "XIAOMING",
    "id_no": "330212199003070001",
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
