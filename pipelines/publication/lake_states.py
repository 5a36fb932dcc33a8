"""What the published lake holds, told to PostgreSQL: hot events may go only behind it."""

from core.tenancy import TenantId
from pipelines.resources import PostgresResource
from warehouse.events import EVENTS
from warehouse.manifest import Manifest

_TELL = """
    INSERT INTO app.lake_states (district_id, watermark, complete_through, event_count, run_id)
    VALUES (%(district)s, %(watermark)s, %(complete_through)s, %(event_count)s, %(run_id)s)
    ON CONFLICT (district_id) DO UPDATE SET watermark = excluded.watermark, run_id = excluded.run_id,
        complete_through = excluded.complete_through, event_count = excluded.event_count, updated_at = now()
"""


def tell_lake_state(postgres: PostgresResource, tenant: TenantId, manifest: Manifest) -> None:
    """Write down what the lake of this publication holds; nothing while only other marts were ever computed."""
    lake = manifest.marts.get(EVENTS.name)
    if lake is None:
        return
    state = {
        "district": tenant.value,
        "watermark": lake.watermark or 0,
        "complete_through": lake.as_of,
        "event_count": lake.rows,
        "run_id": lake.version,
    }
    with postgres.transaction(tenant) as connection:
        connection.execute(_TELL, state)
