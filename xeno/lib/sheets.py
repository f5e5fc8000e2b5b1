"""Rows as CSV and as a sheet of XLSX, piece by piece; nothing in a cell is ever run.

In CSV a text that a spreadsheet would take for a formula begins with an apostrophe (OWASP), which
`restored` takes off again; in XLSX every text is a text by its type. Numbers stay numbers.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import IO, Any

from defusedcsv import csv

# What begins a formula, also behind blanks and quotes, where some spreadsheets do not see those,
# and in the wide forms that they turn into the narrow ones.
FORMULA = re.compile(r"""[\t\r\n]|[\s"'\ufeff]*[=+\-@|%＝＋－＠]""")
NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)*")
# XML 1.0 has no way to write these.
UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST_CELL = 32_767
MOST_ROWS_OF_XLSX = 1_048_575  # and the headers

Row = Sequence[Any]


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could run it."""
    return bool(FORMULA.match(text)) and not NUMBER.fullmatch(text)


def neutral(value: Any) -> Any:
    """The value as CSV may hold it: a number as it is, everything else a text that nothing runs."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return value
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if is_formula(text) else text


def restored(text: str) -> str:
    """What `neutral` was given, of a text."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def csv_text(rows: Iterable[Row]) -> str:
    """The rows as RFC 4180 has them, moments in ISO 8601."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([neutral(value) for value in row] for row in rows)
    return text.getvalue()


# --- XLSX -------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{TYPES}">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1"'
    f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Export" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1"'
    f' Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEET = "xl/worksheets/sheet1.xml"
# The headers stay in sight.
BEFORE = (
    f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)
AFTER = "</sheetData></worksheet>"


def xlsx_text(rows: Iterable[Row]) -> str:
    """The rows as they stand in a sheet of `write_xlsx`."""
    return "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)


def cell(value: Any) -> str:
    """One cell, with its type."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float | Decimal):
        return f"<c><v>{value}</v></c>"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    text = escape(UNWRITABLE.sub("", text)[:LONGEST_CELL], quote=False).replace("\r", "&#13;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def write_xlsx(file: IO[bytes], texts: Iterable[bytes]) -> None:
    """A workbook of one sheet, put together from pieces of `xlsx_text`."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, part in PARTS.items():
            archive.writestr(name, HEAD + part)
        with archive.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(BEFORE.encode())
            for text in texts:
                sheet.write(text)
            sheet.write(AFTER.encode())
