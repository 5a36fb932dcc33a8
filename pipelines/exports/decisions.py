"""What of an export a district decides or keeps: its secret, and below how many people nothing is told."""

import secrets

from core.domain.suppression import SMALL_CELL_MINIMUM
from core.tenancy import TenantId
from pipelines.exports import queries
from pipelines.resources import PostgresResource
from warehouse.pseudonyms import SECRET_BYTES, Pseudonyms


def pseudonyms_of(postgres: PostgresResource, tenant: TenantId) -> Pseudonyms:
    """Return the district's keys; the first export makes its secret."""
    with postgres.transaction(tenant) as connection:
        connection.execute(queries.keep_secret(tenant, secrets.token_bytes(SECRET_BYTES)))
        row = connection.execute(queries.secret(tenant)).fetchone()
    if row is None:  # pragma: no cover - written a line above
        raise LookupError("the district has no export key")
    return Pseudonyms(bytes(row[0]))


def small_cell_minimum_of(postgres: PostgresResource, tenant: TenantId) -> int:
    """Return the size from which on a group is shown."""
    with postgres.snapshot(tenant) as moment:
        row = moment.connection.execute(queries.small_cell_minimum(tenant)).fetchone()
    return row[0] if row and row[0] is not None else SMALL_CELL_MINIMUM
