"""Pictures of a mediation's log in review at both widths: an auditor's, its mediator's, the desk's, a changed one."""

import asyncpg
import pytest

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.screens import FOLDER
from tests.web.secrets_of_cases import Cases

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize("width", WIDTHS)
async def test_review(site: Site, filer: Filer, people: People, admin: asyncpg.Connection, width: str) -> None:
    hands = await (await Cases(site, filer).sit(people)).live()
    FOLDER.mkdir(exist_ok=True)
    whole, hidden, stopped = (hands.cases[name].number for name in ("whole", "hidden", "stopped"))
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("UPDATE log SET body = 'x' WHERE id = $1 AND version = 3", stopped)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        for who, faces in (
            (
                "auditor",
                {
                    "whole": f"/mediations/{whole}",
                    "line": f"/mediations/{whole}?view=line",
                    "restricted": f"/mediations/{hidden}",
                    "changed": f"/mediations/{stopped}",
                    "ask": "?number=TJ1",
                },
            ),
            ("community", {"desk": f"/mediations/{whole}"}),
            ("wang", {"mediator": f"/mediations/{whole}"}),
        ):
            await become(seen.page, site, who)
            for name, path in faces.items():
                await seen.page.goto(f"/review{path}")
                await seen.page.screenshot(path=FOLDER / f"86-review-{name}-{width}.png", full_page=True)
