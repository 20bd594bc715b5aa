"""Spreadsheets (XLSX) of lists: one sheet, a bold heading that stays, readable widths. Text never becomes a formula."""

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_WIDTH = 42


async def sheet(title: str, rows: Sequence[Sequence[Any]], *more: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook: the first row of each sheet is its heading. Instants must be local and without a zone."""
    return await asyncio.to_thread(_workbook, [(title, rows), *more])


def _workbook(sheets: list[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        page = book.create_sheet(title[:31])
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = page.cell(row=number, column=column)
                if isinstance(value, str):
                    cell.value = value
                    cell.data_type = "s"  # a name that begins with = stays a name
                else:
                    cell.value = value
                if isinstance(value, datetime):
                    cell.number_format = "yyyy-mm-dd hh:mm"
                if number == 1:
                    cell.font = Font(bold=True)
                    cell.fill = PatternFill("solid", fgColor="E8F0F0")
                    cell.alignment = Alignment(vertical="center")
        page.freeze_panes = "A2"
        for column in range(1, max((len(row) for row in rows), default=0) + 1):
            longest = max((_width(row[column - 1]) for row in rows if len(row) >= column), default=8)
            page.column_dimensions[get_column_letter(column)].width = min(MAX_WIDTH, longest + 2)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(value: Any) -> int:
    if isinstance(value, datetime):
        return 16
    return sum(2 if ord(character) > 255 else 1 for character in str(value if value is not None else ""))
