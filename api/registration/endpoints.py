"""Arriving: registration by role, and the proof that an address is one's own."""

from fastapi import APIRouter

from api.auth.endpoints import Desk
from api.deps import public
from api.envelope import Envelope, ok
from api.rate_limits import Bucket
from api.registration import service
from api.registration.mailboxes import Mailboxes
from api.registration.requests import Kind
from api.registration.schemas import (
    Accepted,
    AddressOnly,
    EmailVerification,
    EmailVerified,
    StaffRegistration,
    StudentRegistration,
)
from core.tenancy import Role

router = APIRouter(prefix="/auth", tags=["registration"])


@router.post("/register/student", status_code=202, dependencies=[public(Bucket.REGISTRATION)])
async def register_student(body: StudentRegistration, desk: Desk, mailboxes: Mailboxes) -> Envelope[Accepted]:
    """Register with a class code; the place in the class waits for the teacher."""
    await mailboxes.count(body.email, body.guardian_email)
    await service.register_student(desk, body)
    return ok(Accepted())


@router.post("/register/teacher", status_code=202, dependencies=[public(Bucket.REGISTRATION)])
async def register_teacher(body: StaffRegistration, desk: Desk) -> Envelope[Accepted]:
    """Register as the teacher a mailed invitation names."""
    await service.register_staff(desk, body, Role.TEACHER)
    return ok(Accepted())


@router.post("/register/admin", status_code=202, dependencies=[public(Bucket.REGISTRATION)])
async def register_admin(body: StaffRegistration, desk: Desk) -> Envelope[Accepted]:
    """Register as the admin a mailed invitation names."""
    await service.register_staff(desk, body, Role.ADMIN)
    return ok(Accepted())


@router.post("/verify-email", dependencies=[public(Bucket.REGISTRATION)])
async def verify_email(body: EmailVerification, desk: Desk) -> Envelope[EmailVerified]:
    """Prove an address with the token of a mailed link, once."""
    await service.verify_email(desk, body)
    return ok(EmailVerified())


@router.post("/verify-email/resend", status_code=202, dependencies=[public(Bucket.REGISTRATION)])
async def resend_verification(body: AddressOnly, desk: Desk, mailboxes: Mailboxes) -> Envelope[Accepted]:
    """Ask for a fresh link; the older ones stop working. The answer is the same for every address."""
    await mailboxes.count(body.email)
    await service.ask_about_address(desk, Kind.VERIFY, body.email)
    return ok(Accepted())
