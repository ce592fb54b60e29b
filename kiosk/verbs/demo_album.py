"""What a demo leaves behind: pictures of the screens, and the papers that came out of the simulated printers."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.ports.bench import VirtualDevice
from kiosk.screens import form
from kiosk.screens.base import Page
from ui.desk import QtDesk

PAGE_DPI = 100
RENDER_S = 30.0


@dataclass
class Kept:
    """Paths of what was kept since it was asked for last."""

    screens: list[str] = field(default_factory=list)
    receipts: list[dict[str, str]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    """Backs of permits."""
    pages: list[dict[str, str]] = field(default_factory=list)
    """A4 pages: `pdf` is the document the printer got, `png` a picture of this page of it, where poppler is installed."""


class Album:
    """Pictures of what `desk` shows and of what the devices made go to `out`."""

    def __init__(self, virtual: Mapping[str, VirtualDevice], desk: QtDesk, out: Path) -> None:
        self._virtual, self._desk, self._out = virtual, desk, out
        self._shot: tuple[Page[Any] | None, str] = (None, "")
        self._hints: tuple[Page[Any] | None, set[str]] = (None, set())
        self._kept = Kept()
        self._shots = 0
        self._receipts = 0
        self._documents = 0
        self._sheets = 0

    async def picture(self, page: Page[Any] | None, state: str) -> None:
        """The screen as it looks now. Once for each look of a page; a live picture's hints come and go, and each is kept once."""
        if self._shot == (page, state) and page is not None:
            return
        self._shot = (page, state)
        if page is not None and isinstance(page.screen, form.TakePhoto) and self._told(page, state):  # type: ignore[attr-defined]
            return
        await asyncio.sleep(0.05)  # one paint
        current = self._desk.current
        if page is not None and current is not page:
            return  # the next one is there already, and will have its own
        screen = current.screen if current is not None else None
        name = type(screen).__name__ if page is not None and screen is not None else state
        self._shots += 1
        path = self._out / f"{self._shots:02d}-{name}{'-' + state if state and page is not None else ''}.png"
        if not self._desk.frame.grab().save(str(path)):
            raise OSError(f"{path} cannot be written")
        self._kept.screens.append(str(path))

    def _told(self, page: Page[Any], state: str) -> bool:
        if self._hints[0] is not page:
            self._hints = (page, set())
        told = state in self._hints[1]
        self._hints[1].add(state)
        return told

    async def permit_back(self) -> None:
        """The permit's back as the unit has printed it, where it has. Once a visit."""
        unit = self._virtual["permit_unit"]
        if self._kept.pictures or unit.state()["print_job"]["state"] != "done":
            return
        path = self._out / "permit-back.png"
        await asyncio.to_thread(path.write_bytes, await asyncio.to_thread(unit.back_png))  # type: ignore[attr-defined]
        self._kept.pictures.append(str(path))

    async def collect(self) -> Kept:
        """Everything since the last call, the papers of all printers too."""
        await self._collect_receipts()
        await self._collect_pages()
        kept, self._kept = self._kept, Kept()
        return kept

    async def _collect_receipts(self) -> None:
        papers = self._virtual["receipt_printer"].papers  # type: ignore[attr-defined]
        for paper in papers[self._receipts :]:
            self._receipts += 1
            stem = self._out / f"receipt-{self._receipts:02d}"
            await asyncio.to_thread(stem.with_suffix(".png").write_bytes, paper.png)
            await asyncio.to_thread(stem.with_suffix(".escpos").write_bytes, paper.raw)
            self._kept.receipts.append(
                {"png": str(stem.with_suffix(".png")), "escpos": str(stem.with_suffix(".escpos"))}
            )

    async def _collect_pages(self) -> None:
        """Documents have numbers, for the printer forgets them after a while."""
        printer = self._virtual.get("document_printer")
        for paper in list(getattr(printer, "papers", ())):
            if paper.number <= self._documents:
                continue
            self._documents = paper.number
            pdf = self._out / f"{self._sheets + 1:02d}-page.pdf"
            await asyncio.to_thread(pdf.write_bytes, paper.pdf)
            for number in range(1, paper.pages + 1):
                self._sheets += 1
                entry = {"pdf": str(pdf)}
                png = self._out / f"{self._sheets:02d}-page.png"
                if await asyncio.to_thread(_painted, pdf, number, png):
                    entry["png"] = str(png)
                self._kept.pages.append(entry)


def _painted(pdf: Path, number: int, png: Path) -> bool:
    """Another program's picture of one page of a PDF. False: poppler is not installed here. Raises CalledProcessError for a PDF
    that it cannot read, for then a printer could not either."""
    tool = shutil.which("pdftoppm")
    if tool is None:
        return False
    which = ("-f", str(number), "-l", str(number), "-singlefile", "-r", str(PAGE_DPI), "-png")
    subprocess.run([tool, *which, str(pdf), str(png.with_suffix(""))], check=True, timeout=RENDER_S)
    return True
