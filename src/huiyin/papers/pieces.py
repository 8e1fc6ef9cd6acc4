"""What several forms have alike: how parties are described, rows of boxes, and where each side signs."""

from collections.abc import Iterable, Sequence

from huiyin.papers.blocks import Block, Cell, Grid, Para, Place, Places, Row
from huiyin.papers.facts import Agent, File, Mediator, Party, Side, Statement
from huiyin.papers.words import BLANK, blank, named

LAW = "《中华人民共和国人民调解法》"
SIGN = "（签名、盖章或按指印）"
PEN = "（签名）"
SIDES: dict[Side, str] = {"applicant": "申请人", "respondent": "被申请人", "other": "当事人"}
SOURCES = {
    "": BLANK,
    "application": "当事人申请",
    "committee": "人民调解委员会主动调解",
    "court": "人民法院移送或者委托",
    "police": "公安机关移送或者委托",
    "department": "其他部门移送或者委托",
}
# What art. 3 and art. 26 want told: other ways stay open, whether mediation goes on or not.
ROUTES = ("依法向仲裁机构申请仲裁", "依法请求行政机关处理", "依法向人民法院提起诉讼")


def mediators(file: File) -> tuple[Mediator, ...]:
    """Those of the case, or one who is not known yet."""
    return file.mediators or (Mediator(),)


def on_side(file: File, *sides: Side) -> tuple[Party, ...]:
    """The parties of these sides; where nobody is known yet, one blank of each."""
    return tuple(p for p in file.parties if p.side in sides) or tuple(Party(side=side) for side in sides)


def everyone(file: File) -> tuple[Party, ...]:
    """All parties; two blanks where none is known yet, as a dispute has at least two."""
    return file.parties or (Party(side="applicant"), Party(side="respondent"))


def short(file: File) -> str:
    """张三与李四, as a dispute is called."""
    first = [p.name for p in everyone(file) if p.side != "respondent"]
    second = [p.name for p in everyone(file) if p.side == "respondent"]
    return "与".join(named(group) for group in (first, second) if group)


def described(party: Party) -> str:
    """The line about a party that opens an application or an agreement."""
    said = _of_organisation(party) if party.organisation else _of_person(party)
    if party.representatives:
        said += f"，推选代表：{named(party.representatives)}"
    return said + "。"


def _of_person(party: Party) -> str:
    age = "" if party.age is None else f"{party.age}岁"
    told = (
        ("", blank(party.name)),
        ("性别", blank(party.sex, 1)),
        ("民族", blank(party.ethnicity, 1)),
        ("年龄", blank(age, 1)),
        ("职业", blank(party.occupation, 1)),
        ("身份证号码", blank(party.id_number, 3)),
        ("联系方式", blank(party.contact)),
        ("单位或者住址", blank(party.address, 3)),
    )
    return "，".join(f"{name}：{value}" if name else value for name, value in told)


def _of_organisation(party: Party) -> str:
    told = (
        f"{blank(party.name)}（单位），统一社会信用代码：{blank(party.id_number, 3)}",
        f"住所：{blank(party.address, 3)}",
        f"{party.head_post.strip() or '法定代表人（负责人）'}：{blank(party.head)}",
        f"联系方式：{blank(party.contact)}",
    )
    return "，".join(told)


def described_agent(agent: Agent) -> str:
    scope = {"": BLANK, "general": "一般代理", "special": "特别授权代理"}[agent.scope]
    told = (
        blank(agent.name),
        f"性别：{blank(agent.sex, 1)}",
        f"身份证号码：{blank(agent.id_number, 3)}",
        f"联系方式：{blank(agent.contact)}",
        f"与委托人的关系：{blank(agent.relation)}",
        f"代理权限：{scope}",
    )
    return "，".join(told) + "。"


def introduced(parties: Iterable[Party]) -> tuple[Block, ...]:
    """Each party with its agents, a paragraph each."""
    said: list[Block] = []
    for party in parties:
        said.append(Para(described(party), label=f"{SIDES[party.side]}："))
        said += [Para(described_agent(agent), label="委托代理人：") for agent in party.agents]
    return tuple(said)


def spoken(statements: Sequence[Statement], pens: int = 6) -> tuple[Block, ...]:
    """What each said, a paragraph each; lines to write on where nothing is recorded."""
    if not statements:
        return ruled(pens)
    return tuple(Para(blank(one.words), label=f"{blank(one.who)}：", style="plain") for one in statements)


def ruled(count: int) -> tuple[Block, ...]:
    """Empty lines for the pen."""
    return (Grid((1,), tuple(Row((Cell(""),), 11) for _ in range(count))),)


def told(text: str, pens: int = 3) -> tuple[Block, ...]:
    """Paragraphs of a longer text; lines where there is none."""
    return (Para(text),) if text.strip() else ruled(pens)


def row(*pairs: tuple[str, str], height: int = 10, last: int = 1) -> Row:
    """Label and value side by side; the last value reaches over `last` columns."""
    cells = [c for label, value in pairs for c in (Cell(label, style="label"), Cell(value))]
    cells[-1] = Cell(pairs[-1][1], span=last)
    return Row(tuple(cells), height)


# -- who signs ---------------------------------------------------------------------------------------------


def party_places(file: File, parties: Sequence[Party]) -> tuple[Place, ...]:
    """A place a party; organisations by their representative and seal."""
    return tuple(_place(file, party, number) for number, party in enumerate(parties, 1))


def _place(file: File, party: Party, number: int) -> Place:
    place = next((at for at, known in enumerate(file.parties, 1) if known is party), number)
    how = "（代表人签名并盖公章）" if party.organisation else SIGN
    return Place(f"party:{party.ident or place}", f"{SIDES[party.side]} {party.name}", how)


def mediator_places(file: File) -> tuple[Place, ...]:
    return tuple(
        Place(f"mediator:{one.ident or number}", f"{one.post} {one.name}", PEN)
        for number, one in enumerate(mediators(file), 1)
    )


def pen_place(key: str, post: str, name: str) -> Place:
    """Someone of the committee's side who signs."""
    return Place(key, f"{post} {name}", PEN)


def seal_place(file: File) -> Place:
    return Place("committee", file.committee.name.strip() or "人民调解委员会", "（盖章）")


def signing(*groups: tuple[Place, ...], dated: bool = False, closing: str = "") -> Block:
    return Places(tuple(place for group in groups for place in group), dated, closing)
