"""Encrypted columns under the newest key: district by district, in batches, again and again until nothing is left.

A value is only replaced while it is still the one that was read, so a person who changes it meanwhile wins. Killed
in the middle, a second run finds what is left: values under the newest key are passed over.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.encryption import (
    ENCRYPTED_COLUMNS,
    KEY_ID_BYTES,
    ColumnKeys,
    EncryptedColumn,
    UndecipherableError,
)
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId

BATCH = 500
"""Values per transaction: locks stay short."""

_BEFORE_ALL = UUID(int=0)
_DISTRICTS = text("SELECT id FROM app.district_directory ORDER BY id")
_OWN_DISTRICT = text("SELECT count(*) FROM app.districts WHERE district_id = :district_id")


class BlindError(Exception):
    """A transaction did not see its own district: nothing it counts can be believed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the values under older keys."""

    rewritten: int = 0
    changed_meanwhile: int = 0
    unreadable: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.rewritten + other.rewritten,
            self.changed_meanwhile + other.changed_meanwhile,
            self.unreadable + other.unreadable,
        )


async def every_district(database: Database) -> list[TenantContext]:
    """Return all districts, suspended ones too: their data is encrypted as well."""
    async with database.auth_session() as session:
        ids = await session.scalars(_DISTRICTS)
        return [TenantContext(TenantId.from_auth_function(one), DISTRICT_SCOPE) for one in ids]


async def reencrypt_district(
    database: Database, context: TenantContext, keys: ColumnKeys, told: Callable[[int], None] = lambda _: None
) -> Tally:
    """Put every value of a district under the current key; `told` hears how many after each batch.

    Values nobody can read any more stay as they are and are counted. Raises BlindError.
    """
    tally = Tally()
    for column in ENCRYPTED_COLUMNS:
        after: UUID | None = _BEFORE_ALL
        while after is not None:
            async with database.tenant_transaction(context) as session:
                await _require_sight(session, context)
                done, after = await _reencrypt_batch(session, column, keys, after)
            tally += done
            told(done.rewritten)
    return tally


async def count_by_key(database: Database, context: TenantContext) -> Counter[tuple[EncryptedColumn, str]]:
    """Return how many values of a district are under which key (its id in hex). Raises BlindError."""
    counts: Counter[tuple[EncryptedColumn, str]] = Counter()
    async with database.tenant_transaction(context) as session:
        await _require_sight(session, context)
        for column in ENCRYPTED_COLUMNS:
            found = await session.execute(
                text(
                    f"SELECT encode(substr({column.column}, 1, {KEY_ID_BYTES}), 'hex'), count(*)"
                    f" FROM app.{column.table}"
                    f" WHERE district_id = :district_id AND {column.column} IS NOT NULL GROUP BY 1"
                ),
                _district(session),
            )
            counts.update({(column, key_id): number for key_id, number in found})
    return counts


async def _reencrypt_batch(
    session: AsyncSession, column: EncryptedColumn, keys: ColumnKeys, after: UUID
) -> tuple[Tally, UUID | None]:
    """Re-encrypt the next values by id; returns where to go on, None at the end."""
    wanted = {**_district(session), "current": keys.current_id, "after": after}
    found = (await session.execute(_older_values(column), wanted)).all()
    fresh: dict[UUID, tuple[bytes, bytes]] = {}
    for row_id, value in found:
        place = column.place(_district(session)["district_id"])
        try:
            fresh[row_id] = value, keys.encrypt(keys.decrypt(value, place), place)
        except UndecipherableError:
            continue  # counted below, as what was found and not made fresh
    rewritten = await _replace(session, column, fresh)
    tally = Tally(rewritten, len(fresh) - rewritten, len(found) - len(fresh))
    return tally, found[-1][0] if len(found) == BATCH else None


async def _replace(
    session: AsyncSession, column: EncryptedColumn, fresh: Mapping[UUID, tuple[bytes, bytes]]
) -> int:
    """Write fresh values where the old ones still stand; returns how many did.

    `updated_at` stays: what the row says has not changed, and nobody's `If-Match` shall fail for it.
    """
    if not fresh:
        return 0
    statement = text(
        f"UPDATE app.{column.table} AS held SET {column.column} = fresh.new"
        " FROM unnest(CAST(:ids AS uuid[]), CAST(:old AS bytea[]), CAST(:new AS bytea[])) AS fresh (id, old, new)"
        f" WHERE held.district_id = :district_id AND held.id = fresh.id AND held.{column.column} = fresh.old"
        " RETURNING held.id"
    )
    old, new = zip(*fresh.values(), strict=True)
    values = {**_district(session), "ids": list(fresh), "old": list(old), "new": list(new)}
    return len((await session.execute(statement, values)).all())


def _older_values(column: EncryptedColumn) -> TextClause:
    return text(
        f"SELECT id, {column.column} FROM app.{column.table}"
        f" WHERE district_id = :district_id AND id > :after"
        f" AND substr({column.column}, 1, {KEY_ID_BYTES}) <> :current ORDER BY id LIMIT {BATCH}"
    )


def _district(session: AsyncSession) -> dict[str, UUID]:
    context: TenantContext = session.info["context"]
    return {"district_id": context.tenant.value}


async def _require_sight(session: AsyncSession, context: TenantContext) -> None:
    """Row security answers a forgotten context with no rows and no error; then no key would seem to be in use."""
    if await session.scalar(_OWN_DISTRICT, _district(session)) != 1:
        raise BlindError(f"district {context.tenant} cannot be seen")
