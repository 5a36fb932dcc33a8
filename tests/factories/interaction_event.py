from sqlalchemy.orm import Session

from core.ids import new_id, time_of_id
from core.models import InteractionEvent, StudentSubmission
from tests.factories.saving import canary, saved


def make_interaction_event(session: Session, submission: StudentSubmission) -> InteractionEvent:
    """The student looked at the assignment just now."""
    event_id = new_id()
    moment = time_of_id(event_id)
    event = InteractionEvent(
        district_id=submission.district_id,
        school_id=submission.school_id,
        actor_id=submission.student_id,
        event_id=event_id,
        event_time=moment,
        verb="viewed",
        object_type="assignment",
        object_id=submission.assignment_id,
        occurred_at=moment,
        received_at=moment,
        class_id=submission.class_id,
        assignment_id=submission.assignment_id,
        submission_id=submission.id,
        payload={"from_page": canary(submission.district_id, submission.school_id)},
    )
    return saved(session, event)
