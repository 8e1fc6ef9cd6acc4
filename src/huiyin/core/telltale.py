"""What in a text tells who somebody is (脱敏): phones, rooms, names, papers and plates, however they are written."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

BLANK = "▇"  # one, whatever stood there: its length would tell, too

Kind = Literal["name", "phone", "room", "papers", "plate", "contact"]

_DIGITS = dict(zip("零〇○一二三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖幺两", "00012345678912233456678912", strict=True))
_TENS = {"拾": "十", "佰": "百", "仟": "千"}
_DASHES = dict.fromkeys("–—―－﹣～~−‐‑‒⁃ー", "-")

_S = r"[\s\-.·,、/_*()]{0,3}"  # between the digits of a phone number
_ONE_NAME = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍"
    "涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景"
    "党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_TWO_NAME = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|长孙|夏侯|端木|南宫|西门"
_SURNAME = f"(?:{_TWO_NAME}|[{_ONE_NAME}])"
_HAN = r"[\u4e00-\u9fff\d]"  # 李四 is 李4 in the plain form
_NOT_A_NAME = r"(?!了|过|他|她|它|你|您|人|来|不|物业|保安|业主|居民|住户|他们|师傅)"
_TITLE = "(?:女士|先生|小姐|太太|阿姨|大爷|大妈|大叔|叔叔|奶奶|爷爷|婆婆|同志)"
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

# Looked for in the plain form: half width, capitals, Arabic digits. What comes first wins a place.
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("papers", re.compile(rf"(?<![\dA-Z])\d(?:{_S}\d){{16}}{_S}[\dX](?![\dA-Z])|(?<![\dA-Z])\d{{15}}(?!\d)")),
    ("plate", re.compile(rf"[{_PROVINCE}][A-Z][\s·.\-]?(?=[A-Z]{{0,4}}\d)[A-Z\d]{{4,6}}[A-Z\d挂学警港澳]?")),
    ("phone", re.compile(rf"(?<!\d)(?:\+?(?:00)?86{_S})?1{_S}[3-9](?:{_S}\d){{9}}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)\(?0\d{2,3}\)?[\s\-]{0,3}[2-9]\d{2,3}[\s\-]?\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)[48]00-?\d{3}-?\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<![\dA-Z])\d{7,}(?!\d)|(?:尾号|末四位|后四位)[^\d\n]{0,3}\d{3,4}")),
    ("contact", re.compile(r"[A-Z\d._%+\-]{1,64}@[A-Z\d\-]{1,64}(?:\.[A-Z\d\-]{1,64})+")),
    ("contact", re.compile(r"(?:微信|QQ|VX|WX|V信|扣扣)(?:号码?)?\s*[:是为]?\s*[A-Z\d_\-]{5,}")),
    ("room", re.compile(r"\d{1,4}\s*(?:单元|号门|门洞|梯)[\s\-,]*\d{1,4}(?:室|房|号|户)?(?![\d楼层年月日元人户])")),
    ("room", re.compile(r"(?<=[栋幢座#])[\s\-,]*[\dA-Z]{0,2}\d{3,4}(?:室|房|号|户)?(?![\d楼层年月日元人个户])")),
    ("room", re.compile(r"(?<=号楼)[\s\-,]*\d{3,4}(?:室|房|号|户)?(?![\d楼层年月日元人个户])")),
    ("room", re.compile(r"(?<![\d-])[A-Z]?\d{1,3}[-#/]\d{1,2}[-#/]\d{3,4}[A-Z]?(?!\d|-\d)")),
    ("room", re.compile(r"(?<![\d-])[A-Z]?\d{1,3}-\d{3,4}[A-Z]?(?!\d|-\d|[年元])")),
    ("room", re.compile(r"[A-Z]?\d[\d十百千]{0,5}\s*(?:室|房间|房(?![屋东产子价租管顶]))")),
    ("room", re.compile(r"(?<![\d.])\d{3,4}[A-Z]?[号户](?![楼院线])")),
    ("room", re.compile(
        r"(?:楼[上下]|隔壁|对门|邻居|[我他她]们?家|家住)[^\d\n]{0,2}\d{3,4}(?![\d元年月日天个次分米度块平楼层])"
    )),
    ("room", re.compile(r"(?:我家|我住|住在?|家在)[^\d\n]{0,3}[\d十]{1,3}[楼层]")),
    ("room", re.compile(r"\d[\d十]{0,2}[楼层](?:最?[东西南北中左右][户门侧手边]|[东西南北左右]面?那?[户家])")),
    ("name", re.compile(
        rf"(?:我叫|我的名字[叫是]|名叫|姓名\s*[是为:]?\s*|联系人\s*[是为:]?\s*|署名\s*[是为:]?\s*|本人\s*:?\s*(?={_SURNAME}))"
        rf"{_NOT_A_NAME}(?P<own>(?:{_TWO_NAME}){_HAN}{{1,2}}|[{_ONE_NAME}]{_HAN}{{1,2}}|{_HAN}{{2,3}})"
    )),
    ("name", re.compile(
        rf"(?:我是|我姓)\s*(?P<own>{_SURNAME}{_HAN}{{0,2}}?)(?=[\s,。;、!?:()]|$|的|住|家|{_TITLE})"
    )),
    ("name", re.compile(rf"(?P<own>{_SURNAME}){_TITLE}")),
)  # fmt: skip


class Known(Struct, frozen=True):
    """What the dossier says of the complainant: found wherever it stands, without any word before it."""

    name: str = ""
    phone: str = ""
    room: str = ""


class Found(Struct, frozen=True):
    """A place in the text that tells who somebody is."""

    kind: Kind
    start: int
    end: int


def masked(text: str, known: Known | None = None) -> str:
    """The text with a ▇ for whatever tells who somebody is."""
    out, at = [], 0
    for one in _joined(found(text, known)):
        out += [text[at : one.start], BLANK]
        at = one.end
    return "".join([*out, text[at:]])


def kinds(text: str, known: Known | None = None) -> tuple[Kind, ...]:
    """What kinds of telling things are in a text; never the things."""
    return tuple(sorted({one.kind for one in found(text, known)}))


def found(text: str, known: Known | None = None) -> list[Found]:
    """Every telling place, in order; they may overlap."""
    plain, origin = _plain(text)
    places = list(_known(plain, known)) if known is not None else []
    for kind, pattern in _PATTERNS:
        places += [
            Found(kind, *match.span("own" if "own" in pattern.groupindex else 0)) for match in pattern.finditer(plain)
        ]
    whole = [Found(one.kind, origin[one.start], origin[one.end - 1] + 1) for one in places if one.end > one.start]
    return sorted(whole, key=lambda one: (one.start, one.end))


def _joined(places: list[Found]) -> Iterator[Found]:
    last: Found | None = None
    for one in places:
        if last is not None and one.start < last.end:
            last = Found(last.kind, last.start, max(last.end, one.end))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _plain(text: str) -> tuple[str, list[int]]:
    """Half width, capitals, Arabic digits, without what cannot be seen; and where each character came from."""
    out: list[str] = []
    origin: list[int] = []
    for i, raw in enumerate(text):
        if unicodedata.category(raw) in ("Cf", "Mn", "Me"):
            continue
        for char in unicodedata.normalize("NFKC", raw).upper():
            out.append(_DIGITS.get(char) or _TENS.get(char) or _DASHES.get(char) or char)
            origin.append(i)
    return "".join(out), origin


def _known(plain: str, known: Known) -> Iterator[Found]:
    for kind, words in (("name", _names(known.name)), ("phone", _phones(known.phone)), ("room", _rooms(known.room))):
        for pattern in words:
            for match in re.finditer(pattern, plain):
                yield Found(kind, *match.span())  # type: ignore[arg-type]


def _names(name: str) -> list[str]:
    """The whole name and, of three characters, the given one; with anything small between the characters."""
    whole = re.sub(r"\s", "", _plain(name)[0])
    parts = [whole] if len(whole) > 1 else []
    if len(whole) == 3 and not re.fullmatch(_TITLE, whole[1:]):
        parts.append(whole[1:])
    return [r"[\s·.*\-]{0,2}".join(map(re.escape, part)) for part in parts]


def _phones(phone: str) -> list[str]:
    digits = re.sub(r"\D", "", _plain(phone)[0])[-11:]
    return [_S.join(digits), rf"(?<!\d){digits[-6:]}(?!\d)"] if len(digits) > 6 else []


def _rooms(room: str) -> list[str]:
    """The number as it is and with 百: 302, 三百零二; one digit alone tells nothing."""
    number = re.sub(r"[室号房户]+$", "", re.sub(r"\s", "", _plain(room)[0]))
    if len(number) < 2:
        return []
    spelled = [rf"(?<![\dA-Z]){re.escape(number)}(?!\d)"]
    if re.fullmatch(r"[1-9]\d\d", number):
        spelled.append(rf"{number[0]}百{number[1]}?十?{number[2] if number[2] != '0' else ''}(?![\d十])")
    return spelled


# -- values shown in part ---------------------------------------------------------------------------------


def name(value: str) -> str:
    """张* for 张三, 欧阳* for 欧阳娜娜: the surname alone."""
    head = re.match(_TWO_NAME, value)
    return (head[0] if head else value[:1]) + "*" if value else ""


def phone(value: str) -> str:
    """138****5678; of a shorter number the last two digits at most."""
    digits = re.sub(r"\D", "", _plain(value)[0])
    local = digits[-11:] if len(digits) > 10 else digits
    if len(local) == 11:
        return f"{local[:3]}****{local[-4:]}"
    return f"****{local[-2:]}" if len(local) > 6 else "****" if value else ""


def papers(value: str) -> str:
    """First three, last four."""
    return f"{value[:3]}{'*' * max(len(value) - 7, 4)}{value[-4:]}" if len(value) > 10 else "****" if value else ""
