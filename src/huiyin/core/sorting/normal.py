"""One spelling for all: full width, traditional forms, capitals, formal numerals, spaces; a batch at a time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

END = "\x1e"
_FOREIGN = ord("\ufffc")  # what stands for everything outside the basic plane, and for lone surrogates
_SAME = {
    "樓": "楼", "棟": "栋", "幢": "栋", "號": "号", "區": "区", "單": "单", "門": "门", "戶": "户",
    "業": "业", "園": "园", "莊": "庄", "灣": "湾", "國": "国", "際": "际", "車": "车", "電": "电",
    "燈": "灯", "壞": "坏", "聲": "声", "煙": "烟", "氣": "气", "漏": "漏", "飛": "飞", "線": "线",
    "違": "违", "佔": "占", "亂": "乱", "堆": "堆", "擾": "扰", "鄰": "邻", "廣": "广", "場": "场",
    "東": "东", "龍": "龙", "華": "华", "麗": "丽", "麥": "麦", "維": "维", "修": "修", "費": "费",
    "壹": "一", "贰": "二", "叁": "三", "肆": "四", "伍": "五", "陆": "六", "柒": "七", "捌": "八",
    "玖": "九", "拾": "十", "〇": "零", "貳": "二", "＃": "#", "﹟": "#", "№": "#",
    "–": "-", "—": "-", "－": "-", "﹣": "-", "～": "-", "~": "-", "−": "-", "‐": "-", "‑": "-", "一": "一",
}  # fmt: skip
_DROPPED = "·•・‧∙⋅\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\x00\"'“”‘’「」《》【】*_"


def _table() -> NDArray[np.uint16]:
    """What each character of the basic plane becomes; 0 = dropped. Small, so that it stays in the cache."""
    table = np.arange(0x10000, dtype=np.uint16)
    table[0xFFFF] = _FOREIGN
    table[0xD800:0xE000] = _FOREIGN
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)
    table[ord("ａ") : ord("ｚ") + 1] = np.arange(ord("A"), ord("Z") + 1)
    table[ord("a") : ord("z") + 1] = np.arange(ord("A"), ord("Z") + 1)
    for old, new in _SAME.items():
        table[ord(old)] = ord(new)
    table[:0x1E] = 0
    for dropped in _DROPPED + " \x1f\x7f\x85\xa0\u2002\u2003\u2009\u2028\u2029":
        table[ord(dropped)] = 0
    table[ord("\n")] = ord("\n")
    return table


_TABLE = _table()


def batch(parts: Sequence[str]) -> tuple[str, NDArray[np.uint16], NDArray[np.int64]]:
    """The parts end to end, each followed by END: the text, its characters, where each part starts (and the end)."""
    raw = np.frombuffer((END.join(parts) + END).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = _TABLE.take(np.minimum(raw, 0xFFFF))
    kept = codes != 0
    ends = np.cumsum(np.fromiter((len(part) + 1 for part in parts), dtype=np.int64, count=len(parts)))
    starts = np.zeros(len(parts) + 1, dtype=np.int64)
    starts[1:] = np.cumsum(kept)[ends - 1]
    codes = codes[kept]
    return codes.astype(np.uint32).tobytes().decode("utf-32-le"), codes, starts


class _Spelling(dict[int, int | None]):
    """The table as str.translate wants it: quicker than arrays for a short string."""

    def __missing__(self, code: int) -> int | None:
        kept = 0 if code == 10 else int(_TABLE[min(code, 0xFFFF)])
        return self.setdefault(code, kept or None)


_SPELLING = _Spelling()


def one(text: str) -> str:
    """The same spelling for one short string (names of the registry, fields of a form), on one line."""
    return text.translate(_SPELLING)
