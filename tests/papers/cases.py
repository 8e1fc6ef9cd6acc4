"""Made-up cases of people's mediation, as the forms are filled from them."""

import io
import struct
import zlib
from datetime import UTC, date, datetime

from PIL import Image, ImageDraw

from huiyin.papers.blocks import Picture
from huiyin.papers.facts import (
    Agent,
    Agreement,
    Binding,
    Closing,
    Committee,
    Confirmation,
    Dispute,
    Ending,
    Exhibit,
    File,
    Investigation,
    Item,
    Mediator,
    Party,
    Scan,
    Session,
    Statement,
    Visit,
)

NAMES = ("买买提江·吾买尔", "𠮷野㛃", "龘䶮", "阿沛·阿旺晋美")
COMMITTEE = Committee(name="柳岸社区人民调解委员会", address="柳岸路1号", contact="0571-00000000")

ZHANG = Party(
    ident="p1", side="applicant", name=NAMES[0], sex="男", ethnicity="维吾尔族", age=46, occupation="厨师",
    id_number="650102198001010011", contact="13800000001", address="柳岸花园3幢1单元502室",
    agents=(
        Agent(
            ident="a1", name="古丽·买买提", sex="女", id_number="650102198203040022", contact="13800000002",
            address="柳岸花园3幢1单元502室", relation="夫妻", scope="special",
            powers=("代为承认、放弃、变更调解请求", "代为签订调解协议"),
            since=date(2026, 3, 1), until=date(2026, 6, 30),
        ),
    ),
)  # fmt: skip
LI = Party(
    ident="p2", side="respondent", name=NAMES[1], sex="女", ethnicity="汉族", age=38, occupation="教师",
    id_number="330102198803030033", contact="13800000003", address="柳岸花园3幢1单元602室",
)  # fmt: skip
COMPANY = Party(
    ident="p3", side="other", organisation=True, name="柳岸物业服务有限公司", id_number="91330100MA00000000",
    contact="0571-11111111", address="柳岸路8号", head=NAMES[2], head_post="法定代表人",
)  # fmt: skip
MEDIATORS = (Mediator(ident="m1", name="王解和", post="首席人民调解员"), Mediator(ident="m2", name="赵劝"))
SUMMARY = (
    "602室卫生间防水层破损,自2026年1月起向502室渗漏,502室吊顶、橱柜和部分墙面受损。双方就维修责任和损失多次协商未果,"
    "并在楼道内发生争吵。物业公司到场查看,认为渗漏点在602室淋浴间地漏周围。"
)
ITEMS = (
    Item(
        by=NAMES[1], to=NAMES[0], what="修复602室卫生间防水层并做闭水试验四十八小时", manner="自行委托施工",
        place="602室", due=date(2026, 4, 10), done=date(2026, 4, 8), proof="闭水试验照片",
    ),
    Item(
        by=NAMES[1], to=NAMES[0], what="支付吊顶、橱柜和墙面修复款人民币8600元", manner="银行转账",
        place="柳岸社区人民调解委员会", due=date(2026, 4, 20), done=date(2026, 4, 19), proof="转账回单",
    ),
    Item(
        by=COMPANY.name, to=NAMES[0], what="清理502室门厅渗水痕迹", manner="派员施工", place="502室",
        due=date(2026, 4, 25), done=date(2026, 4, 24),
    ),
)  # fmt: skip


def saying(times: int) -> tuple[Statement, ...]:
    who = ("人民调解员王解和", NAMES[0], NAMES[1], COMPANY.name)
    said = "关于渗漏的起因,上次闭水试验以后地漏周围仍然有水迹,我方认为应当先修再谈损失,损失以评估为准。"
    return tuple(Statement(who[n % 4], said * (1 + n % 3)) for n in range(times))


def session(number: int, length: int = 12) -> Session:
    return Session(
        recorder="孙记",
        ident=f"s{number}", began=datetime(2026, 3, 4 + number, 1, 30, tzinfo=UTC),
        ended=datetime(2026, 3, 4 + number, 3, 5, tzinfo=UTC), place="老娘舅调解室", parties=NAMES[:2],
        others=("社区民警陈安",), statements=saying(length), undisputed=("渗漏点在602室地漏周围", "502室吊顶受损"),
        checked="已到现场查看并拍照;已告知擅自停用楼道水阀的风险。", offers=("602室先行修复", "损失各自承担一部分"),
        result="各方同意三日后继续调解。" if number < 3 else "达成调解协议。",
    )  # fmt: skip


def full(sessions: int = 3, length: int = 12) -> File:
    """Agreed, performed, confirmed, visited, closed; nothing of it signed yet."""
    return File(
        number="(2026)柳岸人调字第12号", committee=COMMITTEE, parties=(ZHANG, LI, COMPANY), mediators=MEDIATORS,
        recorder="孙记", source="application", registrar="周登", applied=date(2026, 3, 2), accepted=date(2026, 3, 3),
        told=date(2026, 3, 4),
        dispute=Dispute(
            kind="邻里纠纷", subject="楼上渗水损害赔偿", summary=SUMMARY, place="柳岸花园3幢",
            requests=("请求602室修复防水", "请求赔偿损失人民币12000元"),
        ),
        investigations=(
            Investigation(
                ident="i1", at=datetime(2026, 3, 4, 6, 0, tzinfo=UTC), place="502室", present=(NAMES[0],),
                questioned="邻居钱某", relation="同楼层邻居", contact="13800000009", investigator="赵劝",
                recorder="孙记", statements=saying(6),
            ),
        ),
        evidence=(
            Exhibit(title="渗漏照片", kind="书证", by=NAMES[0], proves="渗漏位置和损失", sheets=4, original=True,
                    on=date(2026, 3, 3)),
            Exhibit(title="维修报价单", kind="书证", by=NAMES[1], proves="修复费用", sheets=1, original=False),
        ),
        sessions=tuple(session(number, length) for number in range(1, sessions + 1)),
        agreement=Agreement(
            facts=SUMMARY, issues="渗漏的修复责任;损失的数额和承担。",
            responsibility="602室对渗漏承担主要责任,物业公司协助。",
            terms=("602室于2026年4月10日前修复防水层。", "602室支付502室修复款人民币8600元。",
                   "双方今后互不再就此事追究。"),
            items=ITEMS, on=date(2026, 3, 7), effective=date(2026, 3, 7),
        ),
        visits=(
            Visit(ident="v1", on=date(2026, 5, 10), way="上门", parties=NAMES[:2], performed="全部履行完毕。",
                  satisfied="双方均表示满意。", lawsuit="无。", risks="无。", visitor="赵劝"),
        ),
        confirmation=Confirmation(
            court="柳岸区人民法院", last_day=date(2026, 4, 7), told=date(2026, 3, 7), applied=date(2026, 3, 20),
            outcome="confirmed", ruling="(2026)浙0000民特12号",
        ),
        closing=Closing(on=date(2026, 5, 12), handler="王解和", result="达成协议,全部履行,经人民法院裁定确认有效。"),
        binding=Binding(
            title="买买提江与𠮷野渗水纠纷", number="2026-12", filed_by="孙记",
            filed_on=date(2026, 5, 20), retention="长期(30年)",
        ),
    )  # fmt: skip


def failed() -> File:
    """Sat once, then one side stopped it."""
    return File(
        number="(2026)柳岸人调字第13号", committee=COMMITTEE, parties=(ZHANG, LI), mediators=MEDIATORS, recorder="孙记",
        source="police", referrer="柳岸派出所", accepted=date(2026, 3, 3), told=date(2026, 3, 4),
        dispute=Dispute(kind="邻里纠纷", subject="楼道堆物", summary="楼道堆放杂物引起争执。"),
        sessions=(session(1, 4),),
        ending=Ending(on=date(2026, 3, 20), reason="一方当事人要求终止调解。", routes=("向柳岸区人民法院提起诉讼",)),
    )  # fmt: skip


def drawn(words: str = "×", size: tuple[int, int] = (600, 200), kind: str = "PNG") -> bytes:
    """A picture as the darkroom hands it on: a scrawl for a signature, or a page."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.line([(20, size[1] - 30), (size[0] // 3, 30), (size[0] // 2, size[1] - 50), (size[0] - 30, 40)], "navy", 6)
    pen.text((30, 10), words.encode("ascii", "replace").decode(), "black")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def torn() -> bytes:
    """Begins like a PNG and is none."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + zlib.compress(b"no")


def scan(form: str, of: str = "", pages: int = 1) -> Scan:
    sheet = Picture(drawn(f"{form} {of}", (1240, 1754), "JPEG"), "扫描件")
    return Scan(form=form, of=of, pages=(sheet,) * pages)
