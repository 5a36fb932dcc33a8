"""How the demo's classes are graded, and what a model proposed for the texts their students wrote."""

import psycopg

_POLICIES = """
INSERT INTO app.grading_policies (district_id, school_id, class_id, version, content, created_by, created_at)
SELECT c.district_id, c.school_id, c.id, 1, jsonb_build_object('weighted', true, 'categories', jsonb_build_array(
    jsonb_build_object('id', app.new_id(), 'name', 'Weekly quizzes', 'weight', '100', 'drop_lowest', 1))),
  c.teacher_id, c.created_at
FROM app.classes c WHERE c.district_id = %s
"""

# A model that is one point off in one of six texts, half of those too kind, and surer of the long ones. What the
# teacher has not looked at yet waits for the review.
_PROPOSALS = """
WITH drawn AS (
    SELECT a.*, s.class_id, q.rubric, a.answer ->> 'text' AS words,
        mod(abs(hashtextextended(a.id::text, 1)), 12) AS luck
    FROM app.student_answers a
    JOIN app.student_submissions s ON s.district_id = a.district_id AND s.id = a.submission_id
    JOIN app.questions q ON q.district_id = a.district_id AND q.id = a.question_id AND q.kind = 'free_response'
    WHERE a.district_id = %s AND a.counts AND a.status <> 'pending'
), proposed AS (
    SELECT *, least(possible, greatest(0,
        coalesce(score, length(words) / 60) + CASE luck WHEN 0 THEN 1 WHEN 1 THEN -1 ELSE 0 END)) AS proposal
    FROM drawn
), parted AS (
    SELECT *, least(proposal, 2) AS first_points, proposal - least(proposal, 2) AS second_points FROM proposed
)
INSERT INTO app.ai_gradings (district_id, school_id, id, class_id, assignment_id, question_id, student_id, answer_id,
    rubric_version, mode, model, prompt_version, criteria, score, possible, confidence, feedback, suspicions, state,
    graded_at, human_score, decided_by, decided_at)
SELECT district_id, school_id, app.new_id(), class_id, assignment_id, question_id, student_id, id, key_version, 'ai',
    'demo-model', 'grade_answer/1', jsonb_build_array(
        jsonb_build_object('criterion', rubric -> 0 ->> 'criterion', 'possible', '2',
            'points', app.exact(first_points), 'quote', CASE WHEN first_points > 0 THEN left(words, 60) END,
            'start', 0, 'end', least(length(words), 60),
            'reason', CASE WHEN first_points > 0 THEN 'The idea is stated.' ELSE 'No idea is stated.' END),
        jsonb_build_object('criterion', rubric -> 1 ->> 'criterion', 'possible', '2',
            'points', app.exact(second_points), 'quote', CASE WHEN second_points > 0 THEN right(words, 60) END,
            'start', greatest(length(words) - 60, 0), 'end', length(words),
            'reason', CASE WHEN second_points > 0 THEN 'A second idea follows.' ELSE 'There is no second idea.' END)),
    proposal, possible, least(0.55 + length(words) / 400.0, 0.97),
    'Say which idea of the lesson you used, and give one reason for it.', '[]',
    CASE WHEN score IS NULL THEN 'waiting' WHEN score = proposal THEN 'accepted' ELSE 'changed' END,
    answered_at + interval '20 seconds', score, grader_id, graded_at
FROM parted
"""


def write_grading(connection: psycopg.Connection, district_id: str) -> None:
    """Give each class a policy (weekly quizzes, the worst one left out) and each written answer a proposal."""
    for statement in (_POLICIES, _PROPOSALS):
        connection.execute(statement, [district_id])
