"""A complaint of the demonstration's own (演示工单): there before all else starts, so that a case can come of it."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import settings
from huiyin.core.sorting import Question
from huiyin.core.words import Place, Spot
from huiyin.desk import Complaint, Desk, Order
from huiyin.rules.rulebook import Rulebook
from huiyin.store.vault import Dossier, Seal, encode

SOURCE = "urn:huiyin:demo"
TEXT = "隔壁单元有人遛狗不牵绳,狗粪也不清理,说过几次对方态度不好,希望能坐下来谈一谈。"
WHO = Dossier(text=TEXT, name="方竹君", phone="13900001023")


async def filed(engine: AsyncEngine, data: Path, book: Rulebook, spot: Spot, at: datetime) -> str:
    """Its number, also where it was filed at an earlier start."""
    (found,) = book.sorter.sort([Question(TEXT, place=Place(building_code=spot.building_code), category="E01")])
    what = Complaint("web", "neighbour", at, found, Seal(settings.vault_key(data)).seal(encode(WHO), WHO.phone))
    desk = Desk(engine, book.rules, book.sorting.matters, settings.receipt_key(data))
    order = Order(SOURCE, f"demo-mediation-{spot.building_code}-ticket", "sorter", what)
    (answer,) = await desk.act([order], at=at, suspect=True)
    return str(answer.number)
