"""What a form at the table says where the house does not take it: why, in words, with what was typed still there."""

import re

from huiyin.web.problems import CODES, Problem

STALE = "这一页已经过期,没有办理。请核对以后再提交一次。"
_PASSED = (401, 403, 404, 500, 503)  # said by a page of its own, or hidden


def passes(problem: Problem) -> None:
    """Raises what is not about the form."""
    if CODES.get(problem.code, (409, ""))[0] in _PASSED:
        raise problem


def words(problem: Problem) -> str:
    """Why, as people read it."""
    told = problem.detail or CODES.get(problem.code, (409, "没有办理"))[1]
    return re.sub(r"\([a-z-]+\)", "", told).rstrip("。") + "。"
