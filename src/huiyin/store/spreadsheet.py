"""CSV as it really comes: from Excel in China in GBK, with a BOM, with blank lines, or damaged."""

import csv
import io
import re
from collections.abc import Iterator

_CHINESE = re.compile("[\u4e00-\u9fff]")
csv.field_size_limit(4 * 1024 * 1024)  # an outline of a large grid is one field


class Damaged(Exception):
    """The file cannot be read on from `line` (0: at all)."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


def records(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line a record begins on, its cells without blanks around them); blank lines are left out, and empty
    cells beyond the first record's width."""
    reader = csv.reader(io.StringIO(_text(raw), newline=""))
    began, width = 1, 0
    try:
        for written in reader:
            line, began = began, reader.line_num + 1
            cells = [cell.strip() for cell in written]
            if any(cells):
                width = width or len(cells)
                while len(cells) > width and not cells[-1]:
                    cells.pop()
                yield line, cells
    except csv.Error as error:
        raise Damaged(began, f"不是合法的 CSV({error})") from None


def _text(raw: bytes) -> str:
    if raw.startswith(b"PK\x03\x04"):
        raise Damaged(0, "是 Excel 工作簿,请另存为“CSV UTF-8(逗号分隔)”")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Damaged(0, "是 UTF-16 编码,请另存为“CSV UTF-8(逗号分隔)”")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_damage(raw, error.start)
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Damaged(raw.count(b"\n", 0, error.start) + 1, "既不是 UTF-8 也不是 GB18030 编码") from None


def _refuse_damage(raw: bytes, at: int) -> None:
    """UTF-8 with a broken byte would pass as GB18030, with every name turned to nonsense."""
    loose = raw.decode("utf-8", "replace")
    if len(_CHINESE.findall(loose)) > loose.count("\ufffd"):
        raise Damaged(raw.count(b"\n", 0, at) + 1, "UTF-8 编码在此处损坏")
