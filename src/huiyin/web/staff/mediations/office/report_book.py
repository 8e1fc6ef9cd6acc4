"""The statistics of mediation as a workbook (调解统计表): both parts and the share, each in a cell of its own."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter  # type: ignore[import-untyped]

from huiyin.core.mediation.shares import Share
from huiyin.store.mediation_figures import Figures
from huiyin.web.staff.figure_book import OPTIONS, Cell, Head, sheet

RECKONING = (
    ("统计范围", "这段时间里受理的案件,以后的结果都算在受理的日子;保密卷只计件数,不分类、不计入各项比率"),
    ("调解成功率", "达成协议并生效的 ÷ 调解已经结束的(达成协议的和终止的);还在调解的不计"),
    ("履行率", "已全部履行的约定事项 ÷ 已履行和期限已到的约定事项;期限未到的不计"),
    ("司法确认率", "法院裁定确认的 ÷ 协议已生效的"),
    ("办理天数", "从受理到协议生效或者终止的天数,取中位数"),
    (
        "小数保护",
        "街道看其他调解委员会时,事项只在选定一个委员会的“近一年”里分列,不足 3 件的合并为“其他事项”,"
        "只有件数;保密卷也只按一个委员会显示,不足 3 件的不显示",
    ),
    ("没有数据", "分母为 0 时写“没有数据”,不算 100%"),
)
_RATES = ("调解成功率", "履行率", "司法确认率")
_COLUMNS = ("受理", *(f"{name}{part}" for name in _RATES for part in ("(分子)", "(分母)", "")), "办理天数(中位数)")


def book(tables: Mapping[str, Sequence[tuple[str, Figures]]], head: Head) -> bytes:
    """The file; made off the loop."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as made:
        made.set_properties({"title": "人民调解统计", "author": head.post, "comments": head.line})
        for title, lines in tables.items():
            rows = [[name, *_cells(one)] for name, one in lines]
            sheet(made, title, head, [title, *_COLUMNS], rows)
        sheet(made, "口径", head, ["指标", "怎样计算"], [list(one) for one in RECKONING])
    return out.getvalue()


def _cells(one: Figures) -> list[Cell]:
    shares = (one.success, one.performance, one.confirmation)
    days = None if one.days is None else round(one.days, 1)
    return [one.accepted, *(part for share in shares for part in _parts(share)), days]


def _parts(share: Share) -> tuple[Cell, Cell, Cell]:
    return share.part, share.whole, share.rate
