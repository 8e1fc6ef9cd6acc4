"""What who holds a receipt may know: where it stands and until when; nothing of anybody."""

from urllib.parse import quote

import pytest

from huiyin.core import receipt as receipts
from huiyin.core.words import Spot
from tests.core.world import sorting
from tests.web.conftest import RECEIPT_KEY, Filer, Site

SHOWN = receipts.show(receipts.make(RECEIPT_KEY, "urn:partner", "p1"))
DIGITS = SHOWN.replace("-", "")
FULL_WIDTH = DIGITS.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
SPOKEN = DIGITS.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))


@pytest.mark.parametrize("typed", [SHOWN, DIGITS, SHOWN.replace("-", " "), FULL_WIDTH, SPOKEN])
async def test_however_it_is_typed(site: Site, filer: Filer, typed: str) -> None:
    number = await filer.file(event_id="p1", source="urn:partner")
    answer = await site.http.get(f"/api/v1/complaints/{quote(typed)}")
    assert (answer.status_code, answer.json()["number"]) == (200, number)
    assert answer.json()["receipt"] == SHOWN


async def test_a_wrong_digit_is_named_as_such(site: Site) -> None:
    wrong = DIGITS[:-1] + str((int(DIGITS[-1]) + 1) % 10)
    for typed in (wrong, "1234", "abc", "%00", "9" * 100):
        answer = await site.http.get(f"/api/v1/complaints/{typed}")
        assert (answer.status_code, answer.json()["code"]) == (404, "receipt-mistyped"), typed
    assert "一位" in answer.json()["detail"]


async def test_a_receipt_that_nobody_has(site: Site) -> None:
    answer = await site.http.get(f"/api/v1/complaints/{receipts.show(42)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-receipt")


@pytest.mark.usefixtures("city")
async def test_state_holder_due_and_steps(site: Site, filer: Filer) -> None:
    await filer.file(sorting("A01", hotline=("gas",)), event_id="p1", source="urn:partner")
    body = (await site.http.get(f"/api/v1/complaints/{SHOWN}")).json()
    assert body["state"] == "dispatched"
    assert body["held_by"] == "楼栋长"
    assert (body["category"], body["community"]) == ("楼上楼下渗漏水", "柳岸社区")
    assert "1个工作日" in body["due_explained"]
    assert "21–11/22休息" in body["due_explained"]
    assert body["hotline"]["call"] == ["gas"]
    assert [step["name"] for step in body["steps"]] == ["已登记", "已提示先拨打紧急电话", "已分派"]
    assert body["reply"] is None
    assert "E1" not in str(body)
    assert "1栋" not in str(body)
    assert "柳岸花园" not in str(body)


async def test_manual_sorting_is_said(site: Site, filer: Filer) -> None:
    await filer.file(sorting("T09", Spot()), event_id="p1", source="urn:partner")
    body = (await site.http.get(f"/api/v1/complaints/{SHOWN}")).json()
    assert (body["state"], body["held_by"], body["community"]) == ("sorting", "人工分拣台", None)
    assert body["hotline"] is None
