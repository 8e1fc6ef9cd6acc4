"""The residents' pages over HTTP: one complaint a form, refusals in words, nothing of anybody, small and cached."""

import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from huiyin.core import receipt as receipts
from huiyin.core.words import Spot
from huiyin.web.paint import until
from huiyin.web.problems import CODES
from huiyin.web.residents import forms
from huiyin.web.residents.filing import like
from huiyin.web.residents.signs import sheet
from tests.conftest import Database
from tests.core.world import AT, REGISTRY, sorting, spot
from tests.web.conftest import NOWHERE, RECEIPT_KEY, VAULT_KEY, Filer, Site, running

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FIRST_PAGE = 60_000  # bytes, compressed, styles and scripts included


async def file(site: Site, **said: str) -> Any:
    return await site.http.post("/file", data={"text": "楼上漏水", "key": "k1", **said}, headers=HTML)


async def count(admin: asyncpg.Connection) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM doorstep"))


async def test_sent_twice_is_one_and_sent_again_with_other_words_another(site: Site, admin: asyncpg.Connection) -> None:
    first, second = await file(site), await file(site)
    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    assert re.fullmatch(r"/r/\d{4}-\d{4}-\d{4}-\d{4}\?new=1", first.headers["location"])
    assert await count(admin) == 1
    assert (await file(site, text="楼上还在漏水")).headers["location"] != first.headers["location"]
    assert await count(admin) == 2
    await file(site, key="")
    await file(site, key="")
    assert "huiyin_intake_accepted_total 5.0" in (await site.http.get("/metrics")).text
    assert await count(admin) == 4  # nothing to tell them apart by: nothing is dropped


@pytest.mark.usefixtures("city")
async def test_what_the_form_says_is_what_is_kept(site: Site, admin: asyncpg.Connection) -> None:
    from huiyin.bus.envelope import read_filed
    from huiyin.store.vault import Seal, Sealed

    said = {"estate": "柳岸花园", "building": "1栋", "unit": "2单元", "room": "1102", "code": "E1-B01"}
    await file(site, **said, name="王女士", phone="13800000000", about="property")
    await file(site, **said | {"building": "9栋"}, about="nobody")
    rows = await admin.fetch(
        "SELECT w.key, w.body FROM vault.waiting w JOIN doorstep d USING (event_id) ORDER BY d.at, d.receipt"
    )
    both = [read_filed(Seal(VAULT_KEY).open(Sealed(r["key"], r["body"])), None).data for r in rows]
    first, second = sorted(both, key=lambda data: data.about is None)
    assert (first.about, first.channel, first.text) == ("property", "web", "楼上漏水")
    assert first.reporter is not None
    assert first.place is not None
    assert (first.reporter.name, first.reporter.phone) == ("王女士", "13800000000")
    assert (first.place.building_code, first.place.room) == ("E1-B01", "1102")
    assert second.place is not None
    assert (second.place.building_code, second.about) == (None, None)
    assert second.reporter is not None
    assert second.reporter.anonymous


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 8_001}, "text"),
        ({"phone": "1" * 31}, "phone"),
        ({"room": "9" * 101}, "room"),
    ],
)
async def test_faults_stand_next_to_their_field(
    site: Site, admin: asyncpg.Connection, said: dict[str, str], field: str
) -> None:
    answer = await file(site, **{"estate": "柳岸花园", **said})
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert 'value="柳岸花园"' in answer.text
    assert 'value="k1"' in answer.text
    assert await count(admin) == 0


async def test_eight_thousand_characters_go_through_a_form(site: Site) -> None:
    assert (await file(site, text="漏" * 8_000)).status_code == 303
    answer = await file(site, text="漏" * 40_000)
    assert answer.status_code == 422
    assert "太长了:最多 8000 字,现在 40000 字。" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_another_site_s_form_is_refused(site: Site, headers: dict[str, str], status: int) -> None:
    answer = await site.http.post("/file", data={"text": "漏水"}, headers=HTML | headers)
    assert answer.status_code == status


@pytest.mark.usefixtures("city")
async def test_places_are_eight_at_most(site: Site) -> None:
    assert re.findall('value="([^"]+)"', (await site.http.get("/places?q=大院")).text) == ["老纺织大院"]
    for nothing in ("", "q=", "q=没有", "q=" + "x" * 500, "estate=%00"):
        assert "option" not in (await site.http.get(f"/places?{nothing}")).text
    many = {
        f"X{n}": REGISTRY.estates["E1"].__class__(f"X{n}", f"柳{n}里", (), "-", "none", "none", 1) for n in range(50)
    }
    from msgspec.structs import replace

    found = like("柳", replace(REGISTRY, estates=many))
    assert len(found) == 8
    assert found[0].community == ""


@pytest.mark.usefixtures("city")
async def test_others_are_a_figure_from_three_on(site: Site, filer: Filer) -> None:
    """Never for what is between two people; never where the place is not known."""
    said = {"text": "电梯坏了好几天,一直没有人来修", "estate": "柳岸花园", "building": "1栋"}

    async def hint(**more: str) -> str:
        return (await site.http.post("/hints", data=said | more)).text.strip()

    for phone in ("13800000001", "13800000002"):
        await filer.file(sorting("H02"), phone=phone)
        await filer.file(sorting("B01"), phone=phone)
    await filer.file(sorting("H02", spot("E2", "E2-B01")), phone="13800000003")
    await filer.file(sorting("H02", Spot()), phone="13800000004")
    await filer.file(sorting("H02"), phone="13800000002")
    assert await hint() == "", "the same household twice is one"
    await filer.file(sorting("H02", spot(building="E1-B02")), phone="13800000005")
    await filer.file(sorting("B01"), phone="13800000005")
    assert "柳岸花园已有 3 户以上反映“电梯故障停运”" in await hint()
    await filer.file(sorting("H02"), phone="13800000006")
    assert "柳岸花园1栋已有 3 户以上反映" in await hint(), "the building's own first"
    assert "柳岸花园已有 3 户以上反映" in await hint(building="2栋"), "a fourth changes nothing"
    await filer.file(sorting("H02"), phone="13800000007")
    assert "柳岸花园已有 5 户以上反映" in await hint(building="2栋")
    assert await hint(estate="", text="电梯坏了好几天") == ""
    assert await hint(text="楼上邻居每天半夜拖椅子,吵得睡不着") == ""


async def test_who_joins_has_a_receipt_of_their_own(site: Site, admin: asyncpg.Connection) -> None:
    """The words are theirs, and say that they mean the same matter."""
    from huiyin.bus.envelope import read_filed
    from huiyin.store.vault import Seal, Sealed

    first = await file(site, join="电梯故障停运")
    assert (first.status_code, await count(admin)) == (303, 1)
    row = await admin.fetchrow("SELECT key, body FROM vault.waiting")
    assert row is not None
    text = read_filed(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"])), None).data.text
    assert text == "楼上漏水\n(居民选择加入:与本处已有的“电梯故障停运”诉求是同一件事。)"
    long = {"text": "漏" * 8_000, "key": "k2", "join": "电梯故障停运"}
    assert (await site.http.post("/file", data=long, headers=HTML)).status_code == 303


async def test_a_receipt_typed_wrong_and_one_that_nobody_has(site: Site) -> None:
    shown = receipts.show(42)
    wrong = shown[:-1] + str((int(shown[-1]) + 1) % 10)
    answer = await site.http.post("/r", data={"receipt": wrong})
    assert (answer.status_code, "至少有一位数字不对" in answer.text) == (422, True)
    assert f'value="{wrong}"' in answer.text
    assert (await site.http.post("/r", data={"receipt": shown.replace("-", " ")})).headers["location"] == f"/r/{shown}"
    for path in (f"/r/{shown}", f"/r/{shown}/withdraw"):
        answer = await site.http.get(path)
        assert (answer.status_code, "没有这个回执号" in answer.text) == (404, True), path
    assert (await site.http.get(f"/r/{wrong}")).status_code == 404
    assert (await site.http.post(f"/r/{shown}/feedback", data={"solved": "yes"})).status_code == 404
    assert (await site.http.post("/r", data={})).status_code == 422


@pytest.mark.usefixtures("city")
async def test_what_cannot_be_done_now_is_said_on_the_page(site: Site, filer: Filer) -> None:
    await filer.file(event_id="p1", source="urn:partner")
    shown = receipts.show(receipts.make(RECEIPT_KEY, "urn:partner", "p1"))
    answer = await site.http.post(f"/r/{shown}/feedback", data={"solved": "yes"}, headers=HTML)
    assert answer.status_code == CODES["not-replied"][0]
    assert CODES["not-replied"][1] in answer.text
    waiting = (await file(site)).headers["location"].partition("?")[0]
    assert (await site.http.get(f"{waiting}/withdraw")).status_code == 303
    answer = await site.http.post(f"{waiting}/withdraw", data={})
    assert (answer.status_code, CODES["not-yet-sorted"][1] in answer.text) == (409, True)


async def test_the_receipt_is_in_no_log_line(site: Site) -> None:
    with capture_logs() as lines:
        where = (await file(site)).headers["location"]
        await site.http.get(where)
        await site.http.get(where.partition("?")[0] + "/withdraw")
        await site.http.post("/r", data={"receipt": where[3:22]})
    assert len(lines) >= 4
    assert where[3:22] not in str(lines)
    assert "漏水" not in str(lines)


async def test_browsers_get_pages_and_programs_problem_details(site: Site) -> None:
    page = await site.http.get("/nope", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有找到这个页面" in page.text
    for path, headers in (("/nope", {}), ("/api/v1/nope", HTML), ("/api/v1/complaints/1", HTML)):
        answer = await site.http.get(path, headers=headers)
        assert answer.headers["content-type"] == "application/problem+json", path
    assert (await site.http.get("/")).status_code in (302, 303, 307)
    assert "我要反映" in (await site.http.get("/", headers=HTML)).text
    wrong = await site.http.put("/file", headers=HTML)
    assert (wrong.status_code, "GET" in wrong.headers["allow"]) == (405, True)


async def test_without_the_database_the_form_is_there_and_keeps_the_words(database: Database) -> None:
    away = re.sub(r"@[^/]+/", "@127.0.0.1:1/", database.url)
    async with running(away, NOWHERE) as lost:
        assert (await lost.http.get("/", headers=HTML)).status_code == 200
        assert "是什么事" in (await lost.http.get("/file?b=E1-B01")).text
        answer = await file(lost, estate="柳岸花园", phone="13800000000")
        assert answer.status_code == 503
        assert "还没有收到" in answer.text
        assert "楼上漏水</textarea>" in answer.text
        assert 'value="13800000000"' in answer.text
        page = await lost.http.get(f"/r/{receipts.show(42)}", headers=HTML)
        assert (page.status_code, page.headers["retry-after"]) == (503, "2")
        assert "系统暂时不可用" in page.text
        assert (await lost.http.get("/places?q=柳")).text.strip() == ""
        assert (await lost.http.post("/hints", data={"text": "燃气泄漏"})).status_code == 200


async def test_the_policy_has_a_nonce_of_its_own(site: Site) -> None:
    seen = set()
    for path in ("/", "/file", "/r"):
        answer = await site.http.get(path, headers=HTML)
        policy = answer.headers["content-security-policy"]
        (nonce,) = re.findall("'nonce-([^']+)'", policy)
        seen.add(nonce)
        assert "unsafe" not in policy
        assert set(re.findall('<script[^>]*nonce="([^"]+)"', answer.text)) <= {nonce}
        assert not re.search(r"<script(?![^>]*nonce)| style=| on\w+=|https?://", answer.text)
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
    assert len(seen) == 3


async def test_the_first_page_is_small_and_its_files_are_kept(site: Site) -> None:
    for first in ("/", "/file"):
        total, names = 0, [first]
        page = await site.http.get(first, headers=HTML | {"Accept-Encoding": "identity"})
        names += sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)))
        assert len(names) > 3
        for name in names:
            async with site.http.stream("GET", name, headers=HTML | {"Accept-Encoding": "gzip"}) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            total += len(raw)
            assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
            assert gzip.decompress(raw)
            if name != first:
                assert "immutable" in answer.headers["cache-control"]
        assert total < FIRST_PAGE, (first, total)
        print(first, total)
    stale = await site.http.get("/static/huiyin.css?v=other")
    assert stale.headers["cache-control"] == "public, max-age=3600"


def test_midnight_is_the_end_of_the_day_before() -> None:
    assert until(AT) == "11月20日(周五)09:00"
    assert until(AT.replace(hour=16)) == "11月20日(周五)24:00"


def test_signs_for_the_doors() -> None:
    page = sheet(REGISTRY, list(REGISTRY.buildings.values()), "https://huiyin.example.cn")
    assert page.count("<article>") == page.count("<svg") == 3
    assert page.index("柳岸花园 1栋") < page.index("柳岸花园 2栋") < page.index("老纺织大院 1栋")


@pytest.mark.usefixtures("city")
async def test_huiyin_registry_qr(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One estate's doors into a file; what is missing is said."""
    from click.testing import CliRunner

    from huiyin.commands.registry import registry
    from huiyin.settings import Explained

    monkeypatch.setenv("HUIYIN_DATABASE_URL", database.url)
    monkeypatch.setenv("HUIYIN_NATS_URL", NOWHERE)
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path))
    out, where = tmp_path / "signs.html", ["--url", "https://huiyin.example.cn/"]

    async def run(*words: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, registry, ["qr", *words])

    made = await run(*where, "--estate", "E1", str(out))
    assert made.output.startswith("2 栋"), made
    assert "https://huiyin.example.cn · E1-B02" in out.read_text()
    for wrong in ([str(out)], [*where, "--estate", "E9", str(out)], [*where, str(tmp_path / "signs.pdf")]):
        assert isinstance((await run(*wrong)).exception, Explained), wrong


def test_every_form_field_has_a_limit_of_the_contract() -> None:
    assert forms.complaint(
        {"text": "x" * forms.LIMITS["text"], **{n: "x" * forms.LIMITS[n] for n in forms.LIMITS if n != "text"}}, None
    )
    words = (Path(__file__).parents[2] / "src/huiyin/web/templates/file.html").read_text()
    assert all(f'name="{name}"' in words for name in forms.FIELDS)
