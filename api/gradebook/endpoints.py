"""The gradebook of a class, on the screen and as a file."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, ok
from api.gradebook import service
from api.gradebook.schemas import GradebookOut, ReportOut
from api.gradebook.spreadsheets import as_csv
from api.paging import Paging
from api.rate_limits import Bucket
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades", tags=["grades"])

Reader = Annotated[Actor, allowed(Permission.GRADEBOOK_READ)]
Exporter = Annotated[Actor, allowed(Permission.GRADEBOOK_READ, Bucket.EXPORT)]
Shown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADEBOOK_READ)]

CSV = "text/csv"
CSV_EXAMPLE = "student_id,student_name,Lines (10),current percent\r\n01a2…,Ada Lovelace,9,90\r\n"


class ReportFormat(StrEnum):
    JSON = "json"
    CSV = "csv"


@router.get("/classes/{class_id}")
async def read_gradebook(
    class_id: UUID, actor: Reader, db: Db, page: Paging, shown: Shown, now: Now
) -> Envelope[GradebookOut]:
    """Read a page of students with their grades, categories and overall grades; the columns beside them."""
    gradebook = await service.read_gradebook(db, actor, class_id, page, now=now)
    shown.of(row.student_id for row in gradebook.items)
    return ok(gradebook)


@router.get(
    "/reports",
    response_model=Envelope[ReportOut],
    responses={200: {"content": {CSV: {"example": CSV_EXAMPLE}}}},
)
async def read_report(
    *,
    class_id: Annotated[UUID, Query()],
    actor: Exporter,
    db: Db,
    shown: Shown,
    now: Now,
    report_format: Annotated[ReportFormat, Query(alias="format")] = ReportFormat.JSON,
) -> Response | Envelope[ReportOut]:
    """Download the grades of a whole class, with the numbers of the gradebook. In CSV no text can be a formula."""
    report = await service.read_report(db, actor, class_id, now=now)
    shown.of(row.student_id for row in report.students)
    if report_format is ReportFormat.JSON:
        return ok(report)
    headers = {"Content-Disposition": f'attachment; filename="grades-{class_id}.csv"'}
    return Response(as_csv(report), media_type=f"{CSV}; charset=utf-8", headers=headers)
