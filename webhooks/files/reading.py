"""Somebody's file as rows of text, whatever it is written as; bounded in memory and in time.

CSV in UTF-8, UTF-16 with its mark or Windows-1252, and XLSX. Nothing in it is run or resolved.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any, NamedTuple

from defusedxml.ElementTree import ParseError
from django.conf import settings

from xeno.lib.errors import Mistake
from xeno.lib.sheets import restored

BLOCK = 256 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 5_000
LONGEST_HEADER = 100
# An XLSX is a zip, and each row of it costs fifty times one of CSV.
MOST_ROWS_OF_XLSX = 200_000
MOST_UNPACKED = 256 * 1024 * 1024
MOST_SHARED = 48 * 1024 * 1024  # of its table of texts, which is held in memory
MOST_PARTS = 2_000
DELIMITERS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class FileNotReadable(Mistake):
    """What was uploaded is no list that can be read."""

    code = "file_not_readable"
    message = "This file cannot be read. Save it as CSV in UTF-8 and try again."


class FileTooLarge(Mistake):
    """What was uploaded is more than one import takes."""

    code = "file_too_large"
    status = 413
    message = "This file is too large."


class Line(NamedTuple):
    """A row by the number of its line (or of its row in a sheet), from 1."""

    number: int
    cells: list[str]


class Sheet(NamedTuple):
    """A file that is being read: the headers are there, the rows come one by one."""

    encoding: str
    headers: list[str]
    rows: Iterator[Line]


def read_sheet(file: IO[bytes]) -> Sheet:
    """The file from its beginning; raises FileNotReadable, also while its rows are read."""
    file.seek(0)
    if file.read(4) == b"PK\x03\x04":
        return with_headers("xlsx", limited(xlsx_lines(file), MOST_ROWS_OF_XLSX))
    encoding = find_encoding(file)
    return with_headers(encoding, limited(csv_lines(file, encoding), settings.IMPORT_MAX_ROWS))


def with_headers(encoding: str, lines: Iterator[Line]) -> Sheet:
    """The first line that says anything are the headers."""
    first = next(lines, None)
    if first is None:
        raise FileNotReadable("This file is empty.")
    headers = [cell.strip()[:LONGEST_HEADER] for cell in first.cells]
    while headers and not headers[-1]:
        headers.pop()
    return Sheet(encoding, headers, lines)


def limited(lines: Iterator[Line], most: int) -> Iterator[Line]:
    """The lines that say anything; FileTooLarge after so many, the headers not counted."""
    rows = -1
    for line in lines:
        if any(line.cells):
            rows += 1
            if rows > most:
                raise FileTooLarge(f"A file has at most {most:,} rows: bring it in parts.")
            yield line


# --- CSV --------------------------------------------------------------------------------------


def find_encoding(file: IO[bytes]) -> str:
    """What the whole file can be read as; its mark, or UTF-8, or Windows' own."""
    file.seek(0)
    head = file.read(4)
    for mark, name in MARKS:
        if head.startswith(mark):
            return check(file, name) or refuse_encoding()
    if b"\0" in head:
        refuse_encoding()
    return check(file, "utf-8") or check(file, "cp1252") or refuse_encoding()


def check(file: IO[bytes], encoding: str) -> str:
    """The encoding, if all of the file is text in it."""
    if not encoding:
        return ""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := file.read(BLOCK):
            if "\0" in decoder.decode(block):
                return ""
        decoder.decode(b"", final=True)
    except UnicodeError:
        return ""
    return encoding


def refuse_encoding() -> str:
    """Say what to do about it."""
    raise FileNotReadable(
        "This is no text that can be read: save it as CSV in UTF-8, or as XLSX, and try again."
    )


def csv_lines(file: IO[bytes], encoding: str) -> Iterator[Line]:
    """The rows, each by the line on which it ends; what an export has neutralised is restored."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        delimiter = find_delimiter(text.readline(BLOCK))
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter)
        for cells in reader:
            yield Line(reader.line_num, [cut(restored(cell)) for cell in cells[:MOST_COLUMNS]])
    except csv.Error as error:
        line = reader.line_num
        raise FileNotReadable(
            f"Line {line:,} cannot be read: a quotation mark may be missing."
        ) from error
    finally:
        text.detach()  # the file stays the caller's


def cut(text: str) -> str:
    """The cell without blanks around it; what is longer is refused by its length later."""
    return text.strip()[: LONGEST_CELL + 1]


def find_delimiter(line: str) -> str:
    """What stands between the headers: whichever of them is there most often."""
    return max(DELIMITERS, key=line.count)


# --- XLSX -------------------------------------------------------------------------------------


def xlsx_lines(file: IO[bytes]) -> Iterator[Line]:
    """The rows of the first sheet."""
    # Not in every process: it brings numpy along, 25 MB.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    check_zip(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what it says of its size is not believed
        rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
        for number, values in enumerate(rows, 1):
            if number > 2 * MOST_ROWS_OF_XLSX:
                raise FileTooLarge(f"An Excel file has at most {MOST_ROWS_OF_XLSX:,} rows here.")
            yield Line(number, [cut(text_of(value)) for value in values])
    except (
        zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, IndexError, ValueError,
        TypeError, AttributeError, EOFError, NotImplementedError, OverflowError,
    ) as error:  # fmt: skip  # whatever a broken or hostile workbook makes openpyxl raise
        raise FileNotReadable("This Excel file cannot be read. Save it as CSV.") from error


def check_zip(file: IO[bytes]) -> None:
    """Refuse what would unpack to more than can be held; a part never gives more than it says."""
    file.seek(0)
    try:
        parts = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise FileNotReadable("This Excel file cannot be read. Save it as CSV.") from error
    shared = sum(part.file_size for part in parts if "sharedstrings" in part.filename.lower())
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or shared > MOST_SHARED or len(parts) > MOST_PARTS:
        raise FileTooLarge("This Excel file is too large when unpacked. Save it as CSV.")
    file.seek(0)


def text_of(value: Any) -> str:
    """A cell as it would stand in CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
