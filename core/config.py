"""Settings: every one is an environment variable that starts with HOMEROOM_ (or a line in `.env`).

The README's settings table is generated from the descriptions below; a test keeps the two the same.
"""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

STATE_DIRECTORY = Path(".homeroom")


class OidcProvider(BaseModel):
    """One identity provider: Google, Microsoft or any OIDC issuer."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    """In our paths: `/auth/oidc/{name}/start`."""
    issuer: str = Field(pattern=r"^(https://|http://(localhost|127\.0\.0\.1)(:|/|$))")
    """Where its discovery document is found; without https anybody on the way could sign in as anybody."""
    client_id: str
    client_secret: SecretStr
    hosted_domain: str | None = None
    """Google Workspace: the only `hd` that may sign in."""
    directory_id: str | None = None
    """Microsoft: the only `tid` that may sign in; needed when the issuer is shared by all directories."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="HOMEROOM_", env_file=".env", extra="ignore", use_attribute_docstrings=True
    )

    database_url: str = ""
    """PostgreSQL for api, worker and realtime, as role app_rw. Empty: `homeroom up` starts one."""

    replica_database_url: str = ""
    """A read replica for analytics and reports, as role app_rw. Empty: the primary."""

    admin_database_url: str = ""
    """PostgreSQL as the role that migrates and makes roles; only the operator's commands use it."""

    pipeline_database_url: str = ""
    """PostgreSQL for the Dagster assets, as role pipeline_rw."""

    dagster_database_url: str = ""
    """Dagster's own database for runs and events (`postgresql+psycopg2://…`)."""

    redis_url: str = ""
    """Redis for limits and caches. Empty: `homeroom up` starts one."""

    realtime_redis_url: str = ""
    """Redis for what sockets are told and for presence, as a user of its own. Empty: the same as for limits."""

    redis_timeout_ms: int = Field(default=50, ge=1)
    """Longest a request waits for Redis, milliseconds; then limits count per process for five seconds."""

    warehouse_url: str = str(STATE_DIRECTORY / "warehouse")
    """Folder or bucket (`s3://…`) of the Parquet marts."""

    warehouse_cache_path: Path = STATE_DIRECTORY / "warehouse-cache"
    """Local folder for mirrored versions when the warehouse is a bucket."""

    storage_url: str = str(STATE_DIRECTORY / "storage")
    """Folder or bucket of uploaded files."""

    clamd_url: str = ""
    """The malware scanner: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. Empty: files are not scanned."""

    scan_required: bool = True
    """With a scanner: a file it gave no verdict on waits, and is never read. False: it is read all the same."""

    uploads_per_minute: int = Field(default=30, ge=1)
    """Files one teacher may send a minute."""

    upload_megabytes_per_day: int = Field(default=300, ge=1)
    """What one teacher may send in 24 hours, megabytes."""

    extraction_python: str = ""
    """The Python that reads uploaded files, in a process of its own. Empty: that of `make ocr`, or else our own."""

    ocr_models_path: Path | None = None
    """Folder with `det.onnx` and `rec.onnx`, which read pictures. Empty: the models of the installed packages."""

    keys_path: Path = STATE_DIRECTORY / "keys.json"
    """File with the signing keys and the key of the e-mail index; keep it secret and backed up."""

    database_pool_size: int = Field(default=8, ge=1)
    """Connections per process to PostgreSQL."""

    access_token_minutes: int = Field(default=10, ge=1, le=60)
    """Life of an access token, minutes."""

    refresh_token_days: int = Field(default=30, ge=1)
    """Life of a refresh token that is not used, days."""

    session_days: int = Field(default=180, ge=1)
    """Longest life of a session, however often it is used, days; then one signs in again."""

    issuer: str = "http://localhost:8000"
    """The `iss` of our tokens: the public address of the API."""

    allowed_origins: list[str] = ["http://localhost:3000", "http://localhost:8000"]
    """Browser origins that may call the API and open sockets (JSON list)."""

    web_url: str = "http://localhost:8000"
    """Public address of the web application; links in mails begin with it."""

    smtp_url: str = ""
    """Mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…`. Empty: mails go to `outbox_path`."""

    mail_from: str = "Homeroom <homeroom@localhost>"
    """Sender of our mails."""

    outbox_path: Path = STATE_DIRECTORY / "outbox"
    """Folder that receives mails as .eml files while no mail server is set."""

    verification_hours: int = Field(default=48, ge=1)
    """Life of a link that verifies an address, hours."""

    password_reset_minutes: int = Field(default=30, ge=5, le=60)
    """Life of a link that resets a password, minutes."""

    consent_days: int = Field(default=14, ge=1, le=14)
    """How long a guardian has to answer before the child's request is deleted, days."""

    password_blocklist_path: Path | None = None
    """A file of further passwords nobody may choose, one per line (the district's name, its teams, …)."""

    oidc_providers: list[OidcProvider] = []
    """Identity providers for signing in (JSON list, see docs/operations.md)."""

    return_urls: list[str] = ["http://localhost:8000/docs"]
    """Addresses a sign-in through an identity provider may end at, exactly as written (JSON list)."""

    trusted_proxies: list[IPvAnyNetwork] = []
    """Addresses or networks of load balancers whose `X-Forwarded-For` is believed (JSON list)."""

    sign_ins_per_minute: int = Field(default=600, ge=1)
    """Attempts to sign in per network address and minute; a bell rush comes from one address."""

    failed_sign_ins_per_address: int = Field(default=1000, ge=1)
    """Wrong passwords that no right one followed, per network address and hour, before it is slowed down."""

    registrations_per_minute: int = Field(default=120, ge=1)
    """Registrations and mailed-link requests per network address and minute."""

    mails_per_mailbox_and_hour: int = Field(default=10, ge=1)
    """Mails one address may be sent per hour because somebody registered or asked for a link with it."""

    openai_api_key: SecretStr = SecretStr("")
    """Key of the model provider. Empty: no model is asked; quizzes are drafted offline, teachers grade."""

    openai_base_url: str = "https://api.openai.com/v1"
    """Where the provider speaks the chat-completions protocol."""

    openai_model: str = "gpt-6-luna"
    """The model; the default is the cheapest the provider lists."""

    openai_input_price: Decimal = Field(default=Decimal("0.10"), ge=0)
    """US dollars per million tokens that we send."""

    openai_output_price: Decimal = Field(default=Decimal("0.50"), ge=0)
    """US dollars per million tokens that we receive."""

    openai_timeout_seconds: float = Field(default=60, gt=0)
    """Longest a model may take for one whole answer, seconds."""

    openai_retry_seconds: float = Field(default=1, ge=0)
    """First pause before a failed call is repeated, seconds; it doubles, twice at most."""

    openai_longest_wait_seconds: float = Field(default=30, gt=0)
    """Longest pause within one call; a provider that wants a longer one is asked again by a later job, seconds."""

    ai_monthly_budget_usd: Decimal = Field(default=Decimal(20), ge=0)
    """What a district's models may cost per month (UTC) unless the district has its own limit, US dollars."""

    ai_wait_minutes: int = Field(default=15, ge=0)
    """How long a quiz waits for a provider that is away before it is drafted offline, minutes."""

    ai_retention_days: int = Field(default=180, ge=1)
    """How long what was asked of models, and what they replied, is kept, days."""

    ai_requests_per_minute: int = Field(default=10, ge=1)
    """Requests that cost a model's time, per user and minute."""

    exports_per_hour: int = Field(default=20, ge=1)
    """Exports per user and hour."""

    export_rows_per_day: int = Field(default=5_000_000, ge=1)
    """Rows one person may take out in files within 24 hours."""

    export_days: int = Field(default=7, ge=1)
    """How long a file somebody asked for is kept, days."""

    rate_limit_per_minute: int = Field(default=100, ge=1)
    """Requests per user and minute, event batches not counted."""

    event_batches_per_minute: int = Field(default=120, ge=1)
    """Event batches (each up to 500 events) per user and minute."""

    drafts_per_minute: int = Field(default=240, ge=1)
    """Saved states of answers per user and minute: several questions, each every few seconds."""

    public_rate_limit_per_minute: int = Field(default=600, ge=1)
    """Sign-ins, registrations and other public calls per network address and minute (a school shares one)."""

    invitation_days: int = Field(default=14, ge=1)
    """Life of an invitation, days."""

    class_code_days: int = Field(default=180, ge=1)
    """Life of a class code unless its teacher says otherwise, days."""

    class_code_guesses_per_hour: int = Field(default=10, ge=1)
    """Wrong class codes a student may enter before waiting an hour."""

    demo_page_path: Path | None = None
    """Folder with the demo's live page, shown at /demo/live; `homeroom up --demo` sets it. Empty: there is none."""

    sockets_per_node: int = Field(default=4000, ge=1)
    """Sockets one realtime process takes; whoever comes beyond is sent to try again, and finds another node."""

    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    @property
    def sockets_redis_url(self) -> str:
        """Where sockets are told things."""
        return self.realtime_redis_url or self.redis_url


@lru_cache
def get_settings() -> Settings:
    """Read the settings once per process."""
    return Settings()


def plain_url(database_url: str) -> str:
    """Return an SQLAlchemy URL without its driver, as libpq wants it."""
    scheme, separator, rest = database_url.partition("://")
    return scheme.partition("+")[0] + separator + rest
