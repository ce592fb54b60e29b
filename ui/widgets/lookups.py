"""Tables that keypads and lists look things up in, read beside the GUI thread while the citizen looks at the page."""

from __future__ import annotations

from functools import lru_cache

from config.area_tables import AreaTables, load_areas
from kiosk.domain.input_method import InputMethod
from ui.errand import Errand


@lru_cache(maxsize=1)
def input_method() -> InputMethod:
    """The shipped tables: the same for every citizen, nothing is learnt."""
    return InputMethod()


@lru_cache(maxsize=1)
def _warm() -> bool:
    input_method().warm_up()
    return True


def warm_input_method() -> None:
    """Have its tables read, where nobody has done so yet."""
    if not _warm.cache_info().currsize:
        Errand(_warm)


@lru_cache(maxsize=1)
def areas() -> AreaTables:
    """Raises TablesError."""
    return load_areas()
