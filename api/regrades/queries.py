"""Changing a key and every answer it judged, in sets."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from core.models import Question, QuestionKeyVersion, Regrade
from core.tenancy import Actor

# In the order everybody takes attempts.
LOCK_ATTEMPTS = """
SELECT id FROM app.student_submissions
WHERE district_id = %(district_id)s AND assignment_id = %(assignment_id)s AND deleted_at IS NULL
ORDER BY id FOR NO KEY UPDATE
"""

# A key that stays, with other treatment of the answers, is a new version as well; triggers keep the old one.
CHANGE_KEY = """
UPDATE app.questions SET correct_option = %(correct)s, credits_everyone = %(credits_everyone)s,
    key_version = key_version + 1, updated_at = now()
WHERE district_id = %(district_id)s AND id = %(question_id)s
RETURNING key_version
"""

# Every try that a machine judged; what a teacher decided stays. `core.domain.regrading.regraded_score` as a CASE.
REJUDGE = """
WITH judged AS (
    SELECT a.id, a.answer ->> 'option_id' = %(correct)s AS now_correct,
        CASE WHEN %(policy)s = 'full_credit' OR a.answer ->> 'option_id' = %(correct)s
                OR (%(policy)s = 'current_and_previous' AND a.is_correct)
            THEN a.possible ELSE 0 END AS new_score
    FROM app.student_answers a
    WHERE a.district_id = %(district_id)s AND a.question_id = %(question_id)s AND a.status = 'graded'
        AND a.graded_by IN ('automatic', 'ai')
), changed AS (
    UPDATE app.student_answers a SET score = judged.new_score, is_correct = judged.new_score = a.possible,
        key_version = %(key_version)s, updated_at = now(),
        score_before_regrade = coalesce(a.score_before_regrade, a.score)
    FROM judged
    WHERE a.district_id = %(district_id)s AND a.id = judged.id AND a.score IS DISTINCT FROM judged.new_score
    RETURNING 1
)
SELECT count(*) FROM changed
"""

OVERALL = """
SELECT student_id, all_final_percent FROM app.class_grades
WHERE district_id = %(district_id)s AND class_id = %(class_id)s
"""

PERCENTS = """
SELECT student_id, percent FROM app.grades
WHERE district_id = %(district_id)s AND assignment_id = %(assignment_id)s
"""


def key_versions(actor: Actor, question: Question) -> Select[Any]:
    """What has been right, and how answers were treated when it changed."""
    is_same = and_(
        Regrade.district_id == QuestionKeyVersion.district_id,
        Regrade.question_id == QuestionKeyVersion.question_id,
        Regrade.key_version == QuestionKeyVersion.version,
    )
    return (
        select(QuestionKeyVersion, Regrade.policy, Regrade.answers_changed)
        .outerjoin(Regrade, is_same)
        .where(
            QuestionKeyVersion.district_id == actor.district_id,
            QuestionKeyVersion.question_id == question.id,
        )
    )


Target = tuple[UUID, UUID]
"""An assignment and its question."""
