"""Qt's classes and enums, made before a second thread uses Qt.

PySide makes a class or an enum when it is first named, and that is not safe against another thread: one that passes an argument whose
type is half made at that moment falls over (seen with PySide 6.11.3: two threads that paint for the first time).
"""

from __future__ import annotations

from functools import lru_cache

from PySide6 import QtCore, QtGui


@lru_cache(maxsize=1)
def make_all() -> None:
    """On the GUI thread, before Qt is used on any other; costs some 0.1 s once. Widgets are left out: only the GUI thread knows them."""
    for module in (QtCore, QtGui):
        for name in dir(module):
            made = getattr(module, name)
            if isinstance(made, type):
                for part in dir(made):
                    if part[0].isupper():  # classes and enums within
                        getattr(made, part)
