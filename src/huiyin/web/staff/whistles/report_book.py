"""The report on whistles as a workbook (考核表): both parts and the share, each in a cell of its own; no words."""

import io
from collections.abc import Callable

import xlsxwriter  # type: ignore[import-untyped]

from huiyin.core.whistle.rates import Blower, Department, Mean, Measures, Ratio
from huiyin.web.staff.figure_book import OPTIONS, Cell, Head, sheet
from huiyin.web.staff.whistles.reckoned import Report, Street
from huiyin.web.staff.workbook import KIND

__all__ = ["KIND", "Head", "book"]

RATES = {
    "responded": "响应率",
    "came": "到场率",
    "answered": "按时答复率",
    "helped": "协办反馈率",
    "settled": "一次办结率",
    "upheld": "异议成立率",
}
SCORES = {"response": "响应分", "arrival": "到场分", "quality": "质量分", "cooperation": "配合分"}
VERDICTS = {
    "high": "偏多",
    "low": "偏少",
    "usual": "正常",
    "few-tickets": "工单太少,不比较",
    "few-peers": "可比的街道太少,不比较",
    "no-median": "其他街道没有吹哨,不比较",
}


def book(report: Report, head: Head, name: Callable[[str], str], by: Measures) -> bytes:
    """The file; made off the loop."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as made:
        made.set_properties({"title": "吹哨报到", "author": head.post, "comments": head.line})
        rows = [[name(post), *_department(one)] for post, one in report.departments]
        rows.append(["合计", *_department(report.whole)])
        sheet(made, "部门", head, ["部门", *_DEPARTMENT], rows)
        if report.blown is not None:
            who = [[name(code), *_blower(one)] for code, one in report.blowers]
            sheet(made, "吹哨单位", head, ["吹哨单位", *_BLOWER], [*who, ["合计", *_blower(report.blown)]])
        if report.streets:
            sheet(made, "街道比较", head, _STREET, [_street(one, name) for one in report.streets])
        sheet(made, "口径", head, ["指标", "怎样计算"], [list(one) for one in reckoning(by)])
    return out.getvalue()


def _three(name: str) -> tuple[str, str, str]:
    stem = name.removesuffix("率")
    return f"{stem}(分子)", f"{stem}(分母)", name


_DEPARTMENT = ["派哨", "主办", *(part for name in RATES.values() for part in _three(name)), "不在现场", "无佐证",
               *(part for name in SCORES.values() for part in (name, f"{name}评价数"))]  # fmt: skip
_BLOWER = ["吹哨", "派哨", "退回、不同意、撤哨", "列入督办", *_three("吹哨准率"), "评哨分", "评哨分评价数",
           *_three("一次办结率"), *_three("居民认可率")]  # fmt: skip
_STREET = ["街道", "吹哨", "工单", "吹哨与工单之比", "其他街道中位数之比", "可比街道", "判断", "户数", "每万户吹哨"]


def _department(one: Department) -> list[Cell]:
    rates = [part for name in RATES for part in _parts(getattr(one, name))]
    scores = [part for name in SCORES for part in _score(getattr(one, name))]
    return [one.called, one.leads, *rates, one.away, one.unproven, *scores]


def _blower(one: Blower) -> list[Cell]:
    counts: list[Cell] = [one.blown, one.called, sum(one.stopped.values()), one.supervised]
    return [*counts, *_parts(one.justified), *_score(one.score), *_parts(one.settled), *_parts(one.solved)]


def _street(one: Street, name: Callable[[str], str]) -> list[Cell]:
    told = one.compared
    rate = None if one.by_homes is None else round(one.by_homes, 2)
    counts: list[Cell] = [told.share.top, told.share.bottom, told.share.share]
    return [name(one.code), *counts, told.median, told.peers, VERDICTS[told.verdict], one.homes, rate]


def _parts(one: Ratio) -> list[Cell]:
    return [one.top, one.bottom, one.share]


def _score(one: Mean) -> list[Cell]:
    return [None if one.value is None else round(one.value, 2), one.count]


def reckoning(by: Measures) -> list[tuple[str, str]]:
    """How each figure is worked out, in words; the page and the file say the same."""
    partly = f"“部分”按 {by.partly:g} 计"
    return [
        ("统计范围", "这段时间里吹的哨,以后的办理结果都算在吹哨的日子;您看不到的工单引出的哨不在内"),
        ("响应率", "时限内接哨的 ÷ 已接哨和逾期未接的;还在时限内没有接的不计"),
        ("到场率", "时限内到场的 ÷ 须到场的哨里已到场和逾期未到的;只有应急、综合执法哨须到场"),
        ("不在现场、无佐证", "最近一次报到登记为不在现场,或没有定位和照片;无佐证的计为到场,单列"),
        ("按时答复率", "主办时限内办结答复的 ÷ 已答复和逾期未答复的;退回重办逾期的也算逾期"),
        ("协办反馈率", "协办时限内向主办反馈的 ÷ 已反馈和逾期未反馈的"),
        ("一次办结率", "核验时没有退回过的 ÷ 已核验的;计在主办部门名下"),
        ("异议成立率", "异议成立的 ÷ 已裁定的;因被反映而回避的不算。异议成立后改派,原部门不再在哨单上,"
                       "那次派哨对它不加分也不减分,只计入这一项"),
        ("评分", "吹哨人对每个部门打的分,1 至 5 分,取平均;括号里是评价数"),
        ("吹哨准率", f"主办部门评“吹得准”的 ÷ 已评哨的;{partly};只有主办部门评哨"),
        ("居民认可率", f"居民回访说“已解决”的 ÷ 有回访的;{partly}"),
        ("吹哨与工单之比", f"吹哨数 ÷ 同期新收工单;达到其他街道中位数的 {by.high:g} 倍为偏多,"
                          f"不超过它的 1/{by.low:g} 为偏少。"
                          f"工单不足 {by.tickets} 件的街道、可比的街道不足 {by.peers} 个时不比较;"
                          f"吹哨(或按中位数应有的吹哨)不足 {by.whistles} 次时不提示"),
        ("没有数据", f"分母为 0 时写“没有数据”,不算 100%;分母不足 {by.few} 的写“样本少”"),
    ]  # fmt: skip
