"""Whose records an answer shows to somebody else: declared by the route, written before the answer leaves."""

from collections.abc import AsyncIterator, Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from fastapi import Depends

from api.deps import Db, Now, Pools, SignedIn
from core.audit import record_reads
from core.permissions import Permission


class Record(StrEnum):
    """What of a student is read; the word a school finds in its list of disclosures."""

    PROFILE = "profile"
    ENROLLMENT = "enrollment"
    ACCOMMODATION = "accommodation"
    SUBMISSION = "submission"
    FEEDBACK = "feedback"
    EXTENSION = "extension"
    GRADE = "grade"
    GRADE_HISTORY = "grade_history"
    MASTERY = "mastery"
    STRUGGLING = "struggling"
    RISK = "risk"
    PROGRESS = "progress"
    ROSTER = "roster"
    DISCLOSURES = "disclosures"
    EXPORT = "export"
    EXPORT_KEY = "export_key"
    CONSENTS = "consents"
    MESSAGES = "messages"


class Disclosure:
    """Collects whose records the answer shows; the endpoint says so, even when it is nobody's."""

    def __init__(self) -> None:
        self._subjects: set[UUID] | None = None

    def of(self, people: Iterable[UUID]) -> None:
        """Note these people; staff among them and the reader leave no trace."""
        self._subjects = (self._subjects or set()) | set(people)

    @property
    def subjects(self) -> set[UUID]:
        """Raises RuntimeError when the endpoint forgot: an answer that nobody accounts for must not leave."""
        if self._subjects is None:
            raise RuntimeError("the route discloses students' records and did not say whose")
        return self._subjects


class Discloses:
    """The mark of a route whose answer may show a student's record to somebody else.

    `purpose` is the permission of the route's door: it tells why the record could be read.
    """

    def __init__(self, record: Record, purpose: Permission) -> None:
        self.record = record
        self.purpose = purpose

    @property
    def target(self) -> tuple[str, str]:
        return self.record.value, self.purpose.value


class DisclosesInTransaction(Discloses):
    """Writes in the request's own transaction."""

    async def __call__(self, actor: SignedIn, db: Db, now: Now) -> AsyncIterator[Disclosure]:
        disclosure = Disclosure()
        yield disclosure
        await record_reads(db, actor, disclosure.subjects, self.target, now=now)


class DisclosesFromReplica(Discloses):
    """Writes in a short transaction of the primary, after the reader's own has ended.

    It stands before the `ReadDb` of its endpoint: a request that waited for a second connection while it holds
    one could wait for others that do the same.
    """

    async def __call__(self, actor: SignedIn, pools: Pools, now: Now) -> AsyncIterator[Disclosure]:
        disclosure = Disclosure()
        yield disclosure
        if disclosure.subjects - {actor.user_id}:
            async with pools.tenant_transaction(actor.context) as session:
                await record_reads(session, actor, disclosure.subjects, self.target, now=now)


def discloses(record: Record, purpose: Permission) -> Any:
    """Declare it: `shown: Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_READ)]`."""
    return Depends(DisclosesInTransaction(record, purpose), scope="function")


def discloses_from_replica(record: Record, purpose: Permission) -> Any:
    """Declare it for an endpoint with `ReadDb`, in front of it."""
    return Depends(DisclosesFromReplica(record, purpose), scope="function")
