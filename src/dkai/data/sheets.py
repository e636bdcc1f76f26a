"""CPR numbers in Excel workbooks, where the extra `data` is installed."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import BinaryIO

from dkai.core.i18n import t
from dkai.data.table import Table
from dkai.data.tally import KEPT, Tally

LARGEST = 200_000_000  # bytes: a workbook is unpacked in memory


def scan_workbook(name: str, head: bytes, stream: BinaryIO, progress: Callable[[int], None]) -> Tally | str:
    """The tally over all sheets, or why the workbook cannot be read."""
    if find_spec("openpyxl") is None:
        return t("dkai looks into Excel files only with: pip install 'dkai[data]'")
    data = head + stream.read(LARGEST)
    progress(len(data))
    if len(data) > LARGEST:
        return t("the workbook is too large to look into; save it as CSV")
    openpyxl = import_module("openpyxl")
    whole = Tally()
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            table = Table(f"{name} › {sheet.title}")
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                table.add(number, (_text(cell) for cell in row))
            found = table.tally()
            whole.likely += found.likely
            whole.possible += found.possible
            whole.evidence += found.evidence
    except Exception as error:  # a damaged workbook fails in many ways deep inside the library
        return t("the workbook cannot be read ({why})", why=type(error).__name__)
    del whole.evidence[KEPT:]
    return whole


def _text(cell: object) -> str:
    """A cell as the table's rules read it: as bytes would be, so that every letter survives."""
    if cell is None:
        return ""
    # Excel keeps a number without its leading zero, and as 707614285.0 where the column holds fractions.
    text = f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)
    return text.encode("utf-8", "replace").decode("latin-1")
