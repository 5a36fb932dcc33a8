from datetime import datetime, time
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.schemas import Input, Line, Output, Paragraphs
from core.models import Audience, NotificationDelivery
from core.notifications import KINDS, NotificationKind


class NotificationOut(Output):
    id: UUID
    kind: str
    title: str
    body: str | None
    """What the administration announced; of everything else null."""
    related_type: str | None
    related_id: UUID | None
    occurrences: int
    """How many messages of the conversation came before it was read; of everything else 1."""
    delivery: NotificationDelivery
    read_at: datetime | None
    created_at: datetime


class NotificationChange(Input):
    read: Annotated[bool, Field(examples=[True])]


class ReadAllIn(Input):
    up_to: Annotated[UUID | None, Field(examples=["0199a3c4-7d2e-7b1a-9f60-2c5d8e4b1a37"])] = None
    """The newest one that you have seen; left out: all there are."""


class Unread(Output):
    unread: int


class ReadAll(Output):
    read: int
    """How many were unread."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("time_zone", "There is no time zone of this name.")
    return name


def _on_any_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("clock_time", "A time of the clock has no offset; name a time_zone.")
    return value.replace(second=0, microsecond=0)


ClockTime = Annotated[time, AfterValidator(_on_any_clock)]
TimeZone = Annotated[str, Field(max_length=64, examples=["America/New_York"]), AfterValidator(_known_zone)]


class QuietHours(Input):
    """Every day; may span midnight. Clocks that are put forward or back are followed."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    starts: Annotated[ClockTime, Field(alias="from", examples=["21:00"])]
    until: Annotated[ClockTime, Field(examples=["07:00"])]
    time_zone: TimeZone | None = None
    """An IANA name; left out: the district's."""

    @model_validator(mode="after")
    def _last_a_while(self) -> Self:
        if self.starts == self.until:
            raise PydanticCustomError("quiet_hours", "Quiet hours end at another time than they begin.")
        return self


class Preferences(Input):
    kinds: Annotated[
        dict[NotificationKind, NotificationDelivery],
        Field(default_factory=dict, examples=[{"assignment_posted": "email_digest", "job_done": "off"}]),
    ]
    """How to be told of each kind; those left out: in the application, at once."""
    quiet_hours: Annotated[
        QuietHours | None,
        Field(examples=[{"from": "21:00", "until": "07:00", "time_zone": "America/New_York"}]),
    ] = None
    """When nothing may ring: what comes then is marked `is_silent`, and digests wait. Null: never."""

    @model_validator(mode="after")
    def _keep_what_must_be_heard(self) -> Self:
        for kind, delivery in self.kinds.items():
            if delivery is NotificationDelivery.OFF and not KINDS[kind].may_be_turned_off:
                raise PydanticCustomError("always_on", "Notices about your sign-ins cannot be turned off.")
        return self


class KindPreference(Output):
    kind: NotificationKind
    about: str
    """One sentence for people."""
    delivery: NotificationDelivery
    may_be_turned_off: bool


class PreferencesOut(Output):
    kinds: list[KindPreference]
    quiet_hours: QuietHours | None
    time_zone: str
    """By whose clock: one's own choice, else the district's."""


class AnnouncementIn(Input):
    title: Annotated[Line, Field(examples=["School is closed on Friday"])]
    body: Annotated[Paragraphs, Field(examples=["The heating is being repaired. Classes go on on Monday."])]
    audience: Annotated[Audience, Field(examples=["everyone"])] = Audience.EVERYONE
    school_id: Annotated[UUID | None, Field(examples=["0199a3c4-7d2e-7b1a-9f60-2c5d8e4b1a37"])] = None
    """The school it is for; left out: one's own, for an administrator of the district every school."""


class AnnouncementStarted(Output):
    job_id: UUID
    announcement_id: UUID
