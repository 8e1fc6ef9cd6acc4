"""Proofs of work that were used (验算): each counts once, in whichever web process."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def used(connection: AsyncConnection, mark: bytes, at: datetime, until: datetime) -> bool:
    """Whether it was used before; if not, it is now. Those that are out of date anyway are forgotten."""
    await connection.execute(_FORGET, {"at": at})
    made = await connection.execute(_USE, {"mark": mark, "until": until})
    return made.first() is None


_FORGET = text("DELETE FROM proofs WHERE mark IN (SELECT mark FROM proofs WHERE until < :at ORDER BY mark LIMIT 100)")
_USE = text("INSERT INTO proofs (mark, until) VALUES (:mark, :until) ON CONFLICT DO NOTHING RETURNING mark")
