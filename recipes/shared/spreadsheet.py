"""Tables that a spreadsheet opens right: Danish Excel wants semicolons, decimal commas and a byte-order mark."""

import csv
import io
from collections.abc import Iterable, Sequence

import task
from words import Words


def write_table(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]], words: Words) -> None:
    """One table into output/, as the run's language has it."""
    text = io.StringIO()
    danish = words.language == "da"
    writer = csv.writer(text, delimiter=";" if danish else ",", lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value, danish) for value in row] for row in rows)
    task.write(name, text.getvalue(), words, bom=danish)


def _cell(value: object, danish: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        plain = f"{value:.4f}".rstrip("0").rstrip(".")
        return plain.replace(".", ",") if danish else plain
    text = str(value)
    # A text that begins so would be run as a formula when the file is opened.
    return f"'{text}" if text[:1] in "=+-@\t\r" and text[:1] else text
