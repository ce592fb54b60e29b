import os
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.gallery import Stage


@pytest.fixture
def open_hall(qapp: QApplication) -> Iterator[Callable[..., Hall]]:
    halls: list[Hall] = []

    def make(theme: str = "standard") -> Hall:
        hall = Hall(Stage(theme))  # type: ignore[arg-type]
        halls.append(hall)
        return hall

    yield make
    for hall in halls:
        hall.stage.close()
    finish_all()


@pytest.fixture
def hall(open_hall: Callable[..., Hall]) -> Hall:
    return open_hall()
