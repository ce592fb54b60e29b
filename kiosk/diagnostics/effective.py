"""The settings as they are in force, and where each came from. What opens something is never shown."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.settings import PROFILE_DIR, Settings
from kiosk.screens.diagnostics import Setting

BASIC = "基本"
DEFAULT = "默认值"
HIDDEN = "（已设置，不显示）"
_SECRET = re.compile(r"(?:^|_)(?:pin|hash|secret|token|password|totp|seed)(?:_|$)|(?:^|_)key$")
_PATHS = ("_file", "_files")
"""Name a file; what is in it is not shown anyway."""
_USER = re.compile(r"//[^/@\s]*@")


def groups(settings: Settings, file: Path | None = None) -> tuple[tuple[str, tuple[Setting, ...]], ...]:
    """Section by section. `file` is the one that was loaded (`--config`, or ONETRIP_CONFIG).

    Raises OSError and ValueError where a file cannot be read any more: the settings in force were read from it at the start.
    """
    if file is None and (named := os.environ.get("ONETRIP_CONFIG")):
        file = Path(named)
    own = _leaves(_toml(file)) if file is not None else {}
    profile_file = PROFILE_DIR / f"{settings.profile}.toml"
    profile = _leaves(_toml(profile_file))
    found: dict[str, list[Setting]] = {}
    for key, value in _leaves(settings.model_dump()).items():
        variable = "ONETRIP_" + key.upper().replace(".", "__")
        if _from_environment(variable):
            source = f"环境变量 {variable}"
        elif _told(key, own):
            source = str(file)
        elif _told(key, profile):
            source = f"profiles/{profile_file.name}"
        else:
            source = DEFAULT
        section = key.partition(".")[0] if "." in key else BASIC
        found.setdefault(section, []).append(Setting(key, shown(key, value), source))
    return tuple((name, tuple(rows)) for name, rows in found.items())


def shown(key: str, value: Any) -> str:
    """A value as text, without what opens something."""
    if value is None or value == "":
        return "—"
    if not key.endswith(_PATHS) and any(_SECRET.search(part) for part in key.split(".")):
        return HIDDEN
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    if "@" in text and urlsplit(text).netloc:
        text = _USER.sub("//…@", text)
    return text


def _from_environment(variable: str) -> bool:
    return any(name.upper() == variable or variable.startswith(f"{name.upper()}__") for name in os.environ)


def _told(key: str, leaves: Mapping[str, Any]) -> bool:
    """A list is told as a whole, so its items carry longer keys in one place than in the other."""
    return key in leaves or any(each.startswith(f"{key}.") for each in leaves)


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _leaves(tree: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_walk("", tree))


def _walk(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _walk(f"{prefix}.{name}" if prefix else str(name), inner)
    elif isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value):
        for number, inner in enumerate(value, 1):
            yield from _walk(f"{prefix}.{number}", inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield prefix, ", ".join(str(each) for each in value)
    else:
        yield prefix, "" if isinstance(value, Mapping) else value
