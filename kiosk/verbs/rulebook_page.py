"""A document as data, and its two forms: one self-contained HTML page, and Markdown. Nothing is loaded from anywhere else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = Heading | Text | Grid

_STYLE = """
body { font: 16px/1.55 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", system-ui, sans-serif; color: #1b2733;
  max-width: 1280px; margin: 0 auto; padding: 24px; }
h1 { font-size: 30px; } h2 { font-size: 23px; margin-top: 44px; border-bottom: 2px solid #0b5cad; } h3 { font-size: 18px; }
nav { columns: 2; margin: 16px 0; } nav a { display: block; color: #0b5cad; padding: 3px 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; margin: 12px 0; }
th, td { border: 1px solid #b9c4cf; padding: 6px 8px; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #e8f0f8; } td:first-child { white-space: nowrap; font-weight: 600; }
@media print { body { max-width: none; padding: 0; font-size: 11px; } table { font-size: 10px; } tr { break-inside: avoid; } }
"""


def as_html(parts: Sequence[Part], language: str) -> str:
    titles = [part for part in parts if isinstance(part, Heading)]
    chapters = [part.text for part in titles if part.level == 2]
    links = "".join(f'<a href="#c{n}">{html.escape(text)}</a>' for n, text in enumerate(chapters, 1))
    out: list[str] = []
    chapter = 0
    for part in parts:
        match part:
            case Heading(2, text):
                chapter += 1
                out.append(f'<h2 id="c{chapter}">{html.escape(text)}</h2>')
            case Heading(level, text):
                out.append(f"<h{level}>{html.escape(text)}</h{level}>" + (f"<nav>{links}</nav>" if level == 1 else ""))
            case Text(text):
                out.append(f"<p>{html.escape(text)}</p>")
            case Grid(head, rows):
                out.append(_table(head, rows))
    title = html.escape(titles[0].text if titles else "")
    page = f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8"><title>{title}</title>'
    page += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return f"{page}<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(out) + "\n</body>\n</html>\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{_lines(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    return f'<div class="wide"><table><thead>{line(head, "th")}</thead>\n<tbody>\n{body}\n</tbody></table></div>'


def _lines(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def as_markdown(parts: Sequence[Part]) -> str:
    out: list[str] = []
    for part in parts:
        match part:
            case Heading(level, text):
                out.append(f"{'#' * level} {text}")
            case Text(text):
                out.append(text)
            case Grid(head, rows):
                lines = [_cells(head), "|" + "---|" * len(head), *(_cells(row) for row in rows)]
                out.append("\n".join(lines))
    return "\n\n".join(out) + "\n"


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(re.sub(r"\n+", "<br>", cell.replace("|", r"\|")) for cell in cells) + " |"
