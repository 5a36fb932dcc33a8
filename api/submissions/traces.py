"""The events an attempt leaves behind."""

from datetime import datetime
from typing import Any

from core.events import InteractionEvent
from core.ids import new_id
from core.models import StudentAnswer, StudentSubmission


def event_of(verb: str, submission: StudentSubmission, moment: datetime) -> InteractionEvent:
    """Return what happened to an attempt as a whole: started, resumed, submitted."""
    payload = {
        "attempt_number": submission.attempt_number,
        "score": str(submission.score),
        "possible": str(submission.possible),
    }
    return InteractionEvent(
        event_id=new_id(),
        verb=verb,
        object_type="submission",
        object_id=submission.id,
        occurred_at=moment,
        class_id=submission.class_id,
        assignment_id=submission.assignment_id,
        submission_id=submission.id,
        payload=payload,
    )


def answered_event(submission: StudentSubmission, answer: StudentAnswer) -> InteractionEvent:
    """Return the event of an answer that was given with the hand-in."""
    payload: dict[str, Any] = {
        "answer_id": str(answer.id),
        "attempt_number": submission.attempt_number,
        "client_seq": answer.client_seq,
        "status": answer.status.value,
        "is_correct": answer.is_correct,
        "score": None if answer.score is None else str(answer.score),
        "possible": str(answer.possible),
    }
    return InteractionEvent(
        event_id=new_id(),
        verb="answered",
        object_type="question",
        object_id=answer.question_id,
        occurred_at=answer.answered_at,
        client_seq=answer.client_seq,
        duration_ms=answer.time_spent_ms,
        class_id=submission.class_id,
        assignment_id=submission.assignment_id,
        submission_id=submission.id,
        question_id=answer.question_id,
        payload=payload,
    )
