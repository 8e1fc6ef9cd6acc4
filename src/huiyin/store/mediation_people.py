"""Whose cases mediations are (当事人、代理人、参加人): opaque ids, and where their records lie in the vault."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.staff import Party
from huiyin.store.database import Driver

INTERESTED = ("party", "agent", "representative")  # whoever is close to one of them does not mediate


class Known(Struct, frozen=True):
    """Somebody whom the steps name `ident`; `side` is the party they stand by, `ref` their record in the vault (names,
    phones and homes are there alone), `person` and `organisation` whom the house knows them as."""

    ident: str
    capacity: str = "party"
    side: str = ""
    applicant: bool = False
    ref: str | None = None
    person: str | None = None
    organisation: str | None = None


async def of(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[Known, ...]]:
    """Everybody of some mediations; those without are absent."""
    found: dict[str, tuple[Known, ...]] = {}
    for number, *fields in await connection.execute(_OF, {"numbers": list(numbers)}):
        found[number] = (*found.get(number, ()), Known(*fields))
    return found


_FIELDS = ", ".join(Known.__struct_fields__)
_OF = text(
    f"SELECT number, {_FIELDS} FROM mediation_people WHERE number = ANY(:numbers) ORDER BY number, ident"  # noqa: S608
)


async def parties(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[Party, ...]]:
    """The parties and agents of some mediations by keyed hashes and opaque ids: nobody with an interest mediates."""
    found: dict[str, tuple[Party, ...]] = {}
    for number, *fields in await connection.execute(
        _PARTIES, {"numbers": list(numbers), "capacities": list(INTERESTED)}
    ):
        found[number] = (*found.get(number, ()), Party(*fields))
    return found


_PARTIES = text(
    "SELECT p.number, CASE WHEN p.applicant THEN 'complainant' ELSE 'respondent' END, d.person, d.household,"
    " p.person, p.organisation FROM mediation_people p LEFT JOIN vault.dossiers d ON d.ref = p.ref"
    " WHERE p.number = ANY(:numbers) AND p.capacity = ANY(:capacities)"
    " AND (d.person IS NOT NULL OR d.household IS NOT NULL OR p.person IS NOT NULL OR p.organisation IS NOT NULL)"
    " ORDER BY p.number, p.ident"
)


async def write(connection: Driver, rows: Sequence[tuple[str, Known]], at: datetime) -> None:
    """People who became known, or better known; only the mediation's desk calls this (a law test looks)."""
    if rows:
        made = [(number, *(getattr(one, name) for name in Known.__struct_fields__), at) for number, one in rows]
        await connection.executemany(_WRITE, made)


_SETS = ", ".join(f"{name} = excluded.{name}" for name in Known.__struct_fields__[1:])
_MARKS = ", ".join(f"${n}" for n in range(1, len(Known.__struct_fields__) + 3))
_WRITE = f"INSERT INTO mediation_people (number, {_FIELDS}, at) VALUES ({_MARKS})"  # noqa: S608
_WRITE += f" ON CONFLICT (number, ident) DO UPDATE SET {_SETS}, at = excluded.at"


# -- a party's own door -----------------------------------------------------------------------------------


def hashed(code: int) -> bytes:
    """What is kept of a code: fifteen digits by chance are nobody's to try."""
    return sha256(f"mediation {code:015d}".encode()).digest()


async def admit(connection: AsyncConnection, number: str, party: str, code: int, at: datetime) -> bool:
    """A party's first code; False, and nothing changes, for a party that has one: another is an order (RenewCode)."""
    given = {"code": hashed(code), "number": number, "party": party, "at": at}
    return bool((await connection.execute(_ADMIT, given)).rowcount)


_COME = "INSERT INTO mediation_codes (code, number, party, at) VALUES ({}) ON CONFLICT (number, party) DO "
_ADMIT = text(_COME.format(":code, :number, :party, :at") + "NOTHING")


async def renew(connection: Driver, rows: Sequence[tuple[str, str, int]], at: datetime) -> None:
    """A party may come with this code and with no earlier one, for (mediation, party, code); only the mediation's desk
    calls this (a law test looks)."""
    if rows:
        made = [(hashed(code), number, party, at) for number, party, code in rows]
        await connection.executemany(_RENEW, made)


_RENEW = _COME.format("$1, $2, $3, $4") + "UPDATE SET code = excluded.code, at = excluded.at"


async def by_code(connection: AsyncConnection, code: int) -> tuple[str, str] | None:
    """(mediation, party) of whoever shows a code; None for an unknown one."""
    row = (await connection.execute(_BY_CODE, {"code": hashed(code)})).first()
    return (row[0], row[1]) if row else None


_BY_CODE = text("SELECT number, party FROM mediation_codes WHERE code = :code")


async def code_of(connection: AsyncConnection, number: str, party: str) -> bytes | None:
    """What is kept of the code that a party may come with now; None where none was given out."""
    found: bytes | None = (await connection.execute(_CODE_OF, {"number": number, "party": party})).scalar()
    return found


_CODE_OF = text("SELECT code FROM mediation_codes WHERE number = :number AND party = :party")
