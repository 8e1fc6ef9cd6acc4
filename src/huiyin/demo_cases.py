"""What the demonstration's mediations say (演示调解的内容): ten disputes, each left at another place of its life."""

from msgspec import Struct

from huiyin.core.mediation.kinds import Committee, Kind, Manner, Referrer, Source

WANG, LI, ZHAO = "demo-mediator", "demo-mediator-li", "demo-mediator-zhao"
Act = tuple[float, str]  # so many days before the demonstration begins, who does what


class Who(Struct, frozen=True):
    """A party; made up, as everybody here is."""

    name: str
    phone: str
    applicant: bool = False
    kind: Kind = "person"


class Words(Struct, frozen=True):
    """What was said at the table and agreed; the second party owes the first, until so many `days` on."""

    minutes: str = ""
    statements: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    undisputed: tuple[str, ...] = ()
    facts: str = ""
    issues: str = ""
    responsibility: str = ""
    content: str = ""
    item: str = ""
    place: str = ""
    manner: Manner = "work"
    days: int = 0


class Case(Struct, frozen=True):
    """One dispute; `key` names its causes for ever, `began` is so many days before."""

    key: str
    category: str
    text: str
    sides: tuple[Who, ...]
    began: float
    acts: tuple[Act, ...]
    said: Words = Words()
    mediator: str = WANG
    kind: Committee = "residents"
    source: Source = "application"
    referrer: Referrer | None = None


def _accepted(ago: float) -> tuple[Act, ...]:
    return tuple((ago, one) for one in ("desk check", "p1 consent", "p2 consent", "desk accept"))


def _seated(ago: float) -> tuple[Act, ...]:
    told = ("desk rights p1", "desk rights p2", "desk assign")
    return (*_accepted(ago), *((ago, one) for one in told))


def _held(ago: float, later: float) -> tuple[Act, ...]:
    return (*_seated(ago), (later, "mediator hold"))


def _signed(ago: float, later: float, then: float) -> tuple[Act, ...]:
    marks = ("p1 mark", "p2 mark", "mediator mark mediator", "desk mark committee")
    return (*_held(ago, later), (later, "mediator draft"), *((then, one) for one in marks))


CASES = (
    Case(
        "half", "P07", "楼上空调冷凝水滴到我家雨棚,夜里响个不停,说过两次没有用。",
        (Who("娄秀兰", "13900001001", applicant=True), Who("许立本", "13900001002")), 1,
        ((1, "desk check"), (1, "p1 consent")),
    ),
    Case(
        "new", "G02", "邻居长期把三轮车停在我家库房门口,进出不便,请社区帮助协商。",
        (Who("沈国良", "13900001003", applicant=True), Who("阿卜杜拉·热合曼", "13900001004")), 0.1, (),
    ),
    Case(
        "today", "A01", "楼上卫生间漏水,楼下厨房吊顶泡坏,双方对维修费用谈不拢。",
        (Who("欧阳春梅", "13900001005", applicant=True), Who("郑广生", "13900001006")), 4,
        (*_seated(3), (2, "mediator plan 49 社区一楼老娘舅调解室"), (1, "p1 reply yes")),
    ),
    Case(
        "street", "L02", "电梯停运两个月,业主代表认为应减免物业费,物业公司不同意。",
        (Who("三单元业主", "13900001007", applicant=True, kind="group"),
         Who("桂语物业服务有限公司", "13900001008", kind="organisation")), 2,
        ((2, "desk check"), (2, "p2 consent")), kind="street", mediator=ZHAO,
    ),
    Case(
        "draft", "C02", "楼道长期堆放旧家具和纸箱,既占地方又有隐患,多次沟通未果。",
        (Who("何素芬", "13900001009", applicant=True), Who("龚守业", "13900001010")), 9,
        (*_held(8, 2), (2, "mediator draft"), (1, "p1 mark"),
         (1.5, "mediator confide p2 儿子下月结婚,旧家具想留给他,请给两周时间。")),
        Words(
            "双方到场,说明了各自的难处,同意限期清理。",
            ("每天下楼都要侧着身子走,老人摔过一次。", "家里确实放不下,不是有意占地方。"),
            ("清完就行,不再追究。", "愿意分两次清走。"), ("三楼平台堆有旧沙发一张、纸箱十余个。",),
            "三楼平台堆有旧沙发一张、纸箱十余个,影响通行。", "堆放物由谁清理、何时清完。", "堆放人负责清理。",
            "龚守业清走三楼平台的全部堆放物,以后不再堆放;何素芬谅解此前的不便。",
            "清走三楼平台的全部堆放物", "三楼平台", "work", 12,
        ),
    ),
    Case(
        "owing", "A01", "楼上装修时打穿防水层,楼下主卧墙面大面积发霉。",
        (Who("施月华", "13900001011", applicant=True), Who("林道远", "13900001012")), 20,
        _signed(19, 16, 15),
        Words(
            "双方对渗漏原因没有争议,就修复和赔偿达成一致。",
            ("墙面发霉,孩子咳嗽了一个月。", "装修队没做好,愿意负责。"), ("修好墙面,赔床垫。", "修墙,另付一千二百元。"),
            ("主卧东墙发霉约六平方米。",),
            "林道远家装修打穿防水层,致施月华家主卧东墙发霉约六平方米。", "修复由谁负责,损失如何赔偿。",
            "林道远承担全部责任。", "林道远修复防水层和墙面,另付床垫损失一千二百元。",
            "付床垫损失一千二百元", "社区居民委员会", "money", 18,
        ),
    ),
    Case(
        "breach", "P03", "电动车剐蹭停放的轿车,修车费谈妥后一直没有付。",
        (Who("汤一鸣", "13900001013", applicant=True), Who("丁家宝", "13900001014")), 30,
        (*_signed(29, 26, 25), (2, "mediator breach 约定的日期已过三天,电话催过两次,对方表示暂时没有钱。")),
        Words(
            "双方认可交警拍的照片,就修车费达成一致。", ("车门一道长划痕。", "下雨路滑,不是故意。"), (),
            ("划痕长约四十厘米。",),
            "丁家宝骑电动车剐蹭汤一鸣停放的轿车右前门。", "修车费多少,何时付清。", "丁家宝承担全部责任。",
            "丁家宝付给汤一鸣修车费八百元。", "付修车费八百元", "社区居民委员会", "money", 19,
        ), mediator=LI,
    ),
    Case(
        "refused", "B01", "隔壁深夜练琴,影响孩子中考复习,希望居中调解。",
        (Who("卫长庚", "13900001015", applicant=True), Who("罗小满", "13900001016")), 3,
        ((2, "desk check"), (2, "p1 consent"), (1, "p2 refuse")), mediator=LI,
    ),
    Case(
        "filed", "F05", "对面加建的雨棚挡住采光,要求拆除或者缩短。",
        (Who("贺兰英", "13900001017", applicant=True), Who("毛建军", "13900001018")), 60,
        (*_signed(59, 55, 54), (46, "mediator perform"), (40, "mediator visit 雨棚已经缩短,双方见面打招呼了。"),
         (38, "desk archive register notice identity record agreement visit")),
        Words(
            "双方实地量了尺寸,同意缩短雨棚。", ("厨房白天要开灯。", "雨棚是挡雨用的,可以改小。"), (),
            ("雨棚外伸一米六。",),
            "毛建军加建的雨棚外伸一米六,影响贺兰英家厨房采光。", "雨棚拆除还是缩短。", "毛建军负责改造。",
            "毛建军将雨棚缩短至外伸六十厘米。", "将雨棚缩短至外伸六十厘米", "二号楼一层东侧", "work", 11,
        ),
    ),
    Case(
        "confirmed", "P04", "三兄弟对母亲的赡养费和看护轮值有分歧,经派出所引导申请调解。",
        (Who("阮凤仙", "13900001019", applicant=True), Who("阮大成", "13900001020")), 70,
        (*_signed(69, 66, 65), *((62, one) for one in ("p1 answer confirmation", "p2 answer confirmation")),
         (60, "desk court"), (50, "mediator perform"), (48, "desk ruling 人民法院裁定调解协议有效。"),
         (45, "mediator visit 看护已经轮值,老人满意。"),
         (44, "desk archive register notice identity record agreement visit")),
        Words(
            "母子到场,其他两位兄弟来电表示听从安排。", ("老了,就想有人说说话。", "这两年生意不好,不是不管。"), (), (),
            "阮凤仙年过八旬,独居,需要照护。", "赡养费多少,看护如何轮值。", "子女共同承担赡养义务。",
            "阮大成每月初付赡养费六百元,首次当月付清,逢周末看护。", "付当月赡养费六百元", "阮凤仙家中", "money", 14,
        ), LI, source="referral", referrer="police",
    ),
    # About a child: the mediators' only, and whoever must know was told.
    Case(
        "restricted", "P01", "两家因孩子打闹起了冲突,一名儿童手臂有伤,家长要求说法。",
        (Who("简文秀", "13900001021", applicant=True), Who("柏永清", "13900001022")), 5,
        (*_seated(4), (4, "mediator flag 一名儿童手臂淤青,家长说不止一次。"),
         (4, "mediator report 已电话报告派出所,接警登记。"),
         (4, "mediator report-civil 已报告街道儿童督导员。")),
    ),
    # Out of a complaint of the demonstration's own; the complaint goes on all the same.
    Case(
        "ticket", "E01", "诉求人与养犬人愿意坐下来谈:遛狗时间、牵绳和清理。",
        (Who("(诉求人)", "13900001023", applicant=True), Who("申屠明", "13900001024")), 0.3,
        ((0.2, "desk check"),), source="ticket",
    ),
    # Over without an agreement.
    Case(
        "stopped", "G01", "两户争用一个地面车位,各执一词。",
        (Who("康玉成", "13900001025", applicant=True), Who("闻人杰", "13900001026")), 34,
        (*_held(33, 30), (29, "p2 stop"), (28, "desk deliver p1"),
         (20, "desk archive register notice identity record routes")),
        Words("双方各执一词,没有谈拢。", ("车位我先租的。", "物业答应给我的。")), LI,
    ),
)  # fmt: skip
