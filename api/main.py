"""The API: a lean transactional door. Start it with `uvicorn api.main:app`."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline

from api.accommodations.endpoints import router as accommodations
from api.analytics.endpoints import router as analytics
from api.assignments.endpoints import router as assignments
from api.assignments.extensions.endpoints import router as extensions
from api.assignments.templates.endpoints import router as templates
from api.auth.cookies import CLIENT_HEADER
from api.auth.endpoints import router as auth
from api.auth.guessing import GuessGuard
from api.class_analytics.endpoints import progress as class_progress
from api.class_analytics.endpoints import router as class_analytics
from api.class_grades.endpoints import router as class_grades
from api.classes.code_guesses import CodeGuesses
from api.classes.endpoints import router as classes
from api.comparisons.endpoints import router as comparisons
from api.concepts.endpoints import router as concepts
from api.consents.endpoints import router as consents
from api.curricula.endpoints import router as curricula
from api.demo_page import show_demo_page
from api.document import describe, described_tags
from api.envelope import ERROR_RESPONSES
from api.errors import install_error_handlers
from api.events.endpoints import router as events
from api.explanations.endpoints import router as explanations
from api.exports.endpoints import router as exports
from api.files.endpoints import router as files
from api.files.places import UploadPlaces
from api.generation.endpoints import router as generation
from api.gradebook.endpoints import router as gradebook
from api.grades.endpoints import router as grades
from api.grading.endpoints import router as grading
from api.grading_policies.endpoints import calculations
from api.grading_policies.endpoints import router as grading_policies
from api.health.endpoints import router as health
from api.invitations.endpoints import router as invitations
from api.jobs.endpoints import router as jobs
from api.keys.endpoints import router as keys
from api.messages.endpoints import router as messages
from api.middleware import BodyLimit, NoSurprises, RequestFrame
from api.notifications.endpoints import router as notifications
from api.oauth.endpoints import router as oauth
from api.oauth.endpoints import well_known as oauth_metadata
from api.oauth.errors import TokenRefusedError, answer_refusal
from api.oidc.endpoints import router as oidc
from api.oidc.providers import IdentityProviders
from api.passwords.endpoints import router as passwords
from api.permissions.endpoints import router as permissions
from api.progress.endpoints import router as student_progress
from api.question_banks.endpoints import router as question_banks
from api.rate_limits import SharedRateLimiter
from api.registration.endpoints import router as registration
from api.regrades.endpoints import router as regrades
from api.reviews.endpoints import router as reviews
from api.risk_flags.endpoints import router as risk_flags
from api.rosters.endpoints import router as rosters
from api.scratch import remove_forsaken_folders
from api.student_analytics.endpoints import router as student_analytics
from api.submissions.endpoints import router as submissions
from api.users.endpoints import router as users
from core.config import Settings, get_settings
from core.db import Database, check_durability, check_role
from core.emit import emitter_for
from core.key_file import KeyFile
from core.logs import configure_logs
from core.sessions import SessionGate
from warehouse.folder import open_warehouse

ROOMS = [
    registration,
    invitations,
    passwords,
    consents,
    auth,
    oauth,
    oidc,
    permissions,
    users,
    rosters,
    classes,
    accommodations,
    concepts,
    templates,
    generation,
    regrades,
    assignments,
    question_banks,
    files,
    curricula,
    extensions,
    submissions,
    events,
    grading_policies,
    calculations,
    class_grades,
    explanations,
    reviews,
    gradebook,
    grading,
    grades,
    analytics,
    class_analytics,
    class_progress,
    comparisons,
    exports,
    risk_flags,
    student_analytics,
    student_progress,
    messages,
    notifications,
    jobs,
]

DESCRIPTION = """\
The backend of a K-12 classroom product, built around its data.

Every answer is `{"success", "data", "message", "errors"}`; lists are pages (`limit`, `cursor`); points and
percents are strings of exact decimals; times are RFC 3339 UTC. Send `Idempotency-Key` on POSTs to make a retry
safe. Another tenant's ids and missing ones answer the same 404.
"""


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.keys = KeyFile(settings.keys_path)
    app.state.limiter = SharedRateLimiter(settings)
    app.state.guesses = GuessGuard(settings)
    app.state.code_guesses = CodeGuesses(settings)
    app.state.identity_providers = IdentityProviders(settings.oidc_providers)
    app.state.database = Database.from_settings(settings, emitter_for(settings.sockets_redis_url))
    remove_forsaken_folders()
    app.state.upload_places = UploadPlaces()
    app.state.gate = SessionGate(app.state.database)
    app.state.warehouse = open_warehouse(settings.warehouse_url, settings.warehouse_cache_path)
    try:
        await check_role(app.state.database)
        await check_durability(app.state.database)
        gc.freeze()  # code and routes stay for ever: looking through them again cost a large answer a quarter
        yield
    finally:
        await app.state.database.close()
        await app.state.limiter.close()
        await app.state.guesses.close()
        await app.state.code_guesses.close()


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Build the application; tests pass their own settings and clock."""
    settings = settings or get_settings()
    configure_logs(settings.log_level)
    app = FastAPIOffline(
        title="Homeroom",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_tags=described_tags(),
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.clock = clock
    api = APIRouter(prefix="/api/v1", responses=ERROR_RESPONSES)
    for room in ROOMS:
        api.include_router(room)
    app.include_router(api)
    app.include_router(health)
    app.include_router(keys)
    app.include_router(oauth_metadata)
    if settings.demo_page_path is not None:
        show_demo_page(app, settings.demo_page_path)
    describe(app)
    install_error_handlers(app)
    app.add_exception_handler(TokenRefusedError, answer_refusal)
    app.add_middleware(BodyLimit)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_credentials=True,  # browsers keep their refresh token in a cookie
        allow_methods=["*"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", CLIENT_HEADER],
        expose_headers=["ETag", "X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"],
    )
    app.add_middleware(NoSurprises)
    app.add_middleware(RequestFrame, is_https=settings.issuer.startswith("https://"))
    return app


app = create_app()
