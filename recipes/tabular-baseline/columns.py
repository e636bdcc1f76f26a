"""What each column is (number, category, date, text) and whether a model can honestly use it.

A column is left out for a reason that is told, never silently: a row number, a person number or a column with one
value would at best be noise, at worst let a model recognise rows instead of learning from them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from table import Table
from texts import TableWords as Words
from words import CannotGoOn

Cells = Sequence[str | None]

POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?")
# A group never begins with 0, so that 0.123 is a decimal number and not 123.
DANISH_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
ENGLISH_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
LEADING_ZERO = re.compile(r"[+-]?0\d+")
DATE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2}))([ T]\d{1,2}:\d{2}.*)?")
PERSON_NUMBER = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2}-?\d{4}")  # Danish CPR: ddmmyy-xxxx
IDENTIFIER_NAME = re.compile(
    r"(^|[^a-zæøå])(id|ids|nr|no|nummer|number|key|index|rownames?|løbenr|løbenummer|cpr|cprnr|case|record"
    r"|respondent|deltager|patient|person|subject|participant|uuid|guid)([^a-zæøå]|$)"
)
# Words in the names of columns whose rows belong together, besides those that name a person or a case.
GROUP_NAME = re.compile(
    r"(^|[^a-zæøå])(hold|klasse|skole|class|classroom|school|clinic|klinik|hospital|site|familie|family|household"
    r"|husstand|kommune|batch|plate|station|lab)([^a-zæøå]|$)"
)
CODES = (-1, -9, -99, -999, 9, 99, 999, 9999, 8, 88, 888, 98, 998)
FEW_ROWS = 20  # below this nothing can be told from a pattern of values


@dataclass
class Column:
    """One column as the models get it. `values` are numbers, or positions in `labels`; NaN is missing."""

    name: str
    kind: str  # number, category, date, text
    values: np.ndarray
    labels: tuple[str, ...]
    missing: int
    distinct: int
    why_out: str = ""  # a key in the texts; empty when the column can be used
    facts: dict[str, object] = field(default_factory=dict)  # what the texts about it need

    @property
    def whole(self) -> bool:
        """Whether every number is a whole number."""
        known = self.values[~np.isnan(self.values)]
        return self.kind == "number" and bool(np.all(known == np.round(known)))


def plain(cell: str) -> str:
    """A cell without the spaces some programs put between thousands, and with an ordinary minus."""
    text = cell.replace("−", "-").replace("\u202f", " ")
    return text.replace(" ", "") if re.fullmatch(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?", text) else text


def readings(cells: Cells) -> tuple[bool, bool]:
    """Whether all cells are numbers with a decimal point, and whether all are numbers with a decimal comma."""
    values = {plain(cell) for cell in cells if cell is not None}
    if not values or any(LEADING_ZERO.fullmatch(value) for value in values):
        return False, False
    point = all(POINT.fullmatch(value) or ENGLISH_THOUSANDS.fullmatch(value) for value in values)
    comma = all(COMMA.fullmatch(value) or DANISH_THOUSANDS.fullmatch(value) for value in values)
    return point, comma


def decimal_mark(table: Table, wanted: str) -> tuple[str, tuple[str, ...]]:
    """The file's decimal mark, and the columns that could be read either way and that nothing decides.

    Columns that allow only one reading decide for the others; where none does, or they disagree, a file split by
    semicolons is taken as Danish, and the columns in doubt are returned so that the reader is told.
    """
    either, point_only, comma_only = [], 0, 0
    for name, cells in zip(table.names, table.columns, strict=True):
        point, comma = readings(cells)
        if point and comma:
            if any(cell is not None and re.search(r"[.,]", cell) for cell in cells):
                either.append(name)
        elif point:
            point_only += 1
        elif comma:
            comma_only += 1
    if wanted in ("comma", "point"):
        return ("," if wanted == "comma" else "."), ()
    if bool(point_only) != bool(comma_only):
        return ("," if comma_only else "."), ()
    return ("," if table.delimiter == ";" else "."), tuple(either)


def to_number(cell: str, mark: str) -> float:
    """A number from text in which `mark` is the decimal mark and the other one separates thousands."""
    other = "." if mark == "," else ","
    return float(plain(cell).replace(other, "").replace(mark, "."))


def as_numbers(cells: Cells, mark: str) -> np.ndarray | None:
    """The cells as numbers (NaN for missing), or None when they are not all numbers."""
    point, comma = readings(cells)
    if not point and not comma:
        return None
    used = mark if point and comma else "." if point else ","
    return np.array([np.nan if cell is None else to_number(cell, used) for cell in cells], dtype=float)


def make_column(name: str, cells: Cells, mark: str) -> Column:
    """A column with its kind found and, where no model should use it, the reason."""
    known = [cell for cell in cells if cell is not None]
    counts = Counter(known)
    column = Column(name, "text", np.full(len(cells), np.nan), (), len(cells) - len(known), len(counts))
    numbers = as_numbers(cells, mark)
    if numbers is not None:
        column.kind, column.values = "number", numbers
        column.distinct = len(np.unique(numbers[~np.isnan(numbers)]))
    elif not known:
        pass
    elif sum(bool(DATE.fullmatch(value)) for value in known) >= 0.95 * len(known):
        column.kind = "date"
    else:
        labels = tuple(sorted(counts))
        place = {label: float(at) for at, label in enumerate(labels)}
        column.kind, column.labels = "category", labels
        column.values = np.array([np.nan if cell is None else place[cell] for cell in cells], dtype=float)
    column.why_out = _why_out(column, known, len(cells))
    return column


def _why_out(column: Column, known: list[str], rows: int) -> str:  # noqa: PLR0911 - one line a reason, in order
    if not known:
        return "out-empty"
    if len(known) <= 0.05 * rows:
        return "out-mostly-empty"
    if column.distinct == 1:
        return "out-constant"
    if sum(bool(PERSON_NUMBER.fullmatch(value)) for value in known) >= 0.8 * len(known):
        return "out-person-number"
    if column.kind == "date":
        return "out-date"
    all_different = column.distinct == len(known) and len(known) >= FEW_ROWS
    if column.kind == "number":
        steps = column.whole and all_different and np.nanmax(column.values) - np.nanmin(column.values) == len(known) - 1
        if steps:
            return "out-row-number"
        named = IDENTIFIER_NAME.search(column.name.lower().replace("_", " "))
        return "out-identifier" if all_different and column.whole and named else ""
    if all_different:
        return "out-identifier"
    numeric = sum(bool(POINT.fullmatch(plain(value)) or COMMA.fullmatch(plain(value))) for value in known)
    if numeric >= 0.9 * len(known) and not any(LEADING_ZERO.fullmatch(value) for value in known):
        column.facts["n"] = len(known) - numeric
        return "out-nearly-numbers"
    return "out-free-text" if column.distinct > max(FEW_ROWS, len(known) // 2) else ""


def find_column(names: Sequence[str], wanted: str, param: str, words: Words) -> str:
    """The column that a parameter names; case and spaces may differ, but it is never guessed."""
    if wanted in names:
        return wanted
    loose = [name for name in names if " ".join(name.split()).casefold() == " ".join(wanted.split()).casefold()]
    if len(loose) == 1:
        return loose[0]
    raise CannotGoOn(words("stop-no-column", param=param, name=words.quote(wanted), columns=words.quoted(names)))


def suspicious_code(column: Column) -> tuple[int, int] | None:
    """A number such as 99 or -9 that stands far outside all others and often, and in how many rows; else None.

    It may be a code for a missing answer. Rule: at least 5 rows, the largest or smallest value, and further from its
    nearest neighbour than half of what the other values span.
    """
    known = column.values[~np.isnan(column.values)]
    if column.kind != "number" or column.distinct < 4:
        return None
    for code in CODES:
        others = known[known != code]
        n = len(known) - len(others)
        if n < 5 or not len(others):
            continue
        low, high = others.min(), others.max()
        gap = code - high if code > high else low - code if code < low else 0
        if gap > 0.5 * (high - low) and gap > 1:
            return code, n
    return None


def groups_hidden(column: Column, rows: int) -> bool:
    """Whether a column looks like it names persons or units that have several rows each."""
    several = 5 <= column.distinct < 0.9 * (rows - column.missing)
    name = column.name.lower().replace("_", " ")
    named = IDENTIFIER_NAME.search(name) or GROUP_NAME.search(name)
    return bool(several and named and column.distinct >= rows / 50)
