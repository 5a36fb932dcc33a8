"""What teachers keep and grant in the demo: a shared question bank per school, and accommodations in each class."""

import psycopg

_BANKS = """
INSERT INTO app.question_banks (district_id, school_id, id, owner_id, name, description, is_shared)
SELECT DISTINCT ON (c.school_id) c.district_id, c.school_id, app.new_id(), c.teacher_id, 'Shared practice',
  'Questions our teachers have used in their weekly quizzes.', true
FROM app.classes c WHERE c.district_id = %s ORDER BY c.school_id, c.id
"""

_QUESTIONS = """
INSERT INTO app.bank_questions (district_id, school_id, id, bank_id, kind, prompt, points, difficulty, options,
  correct_option, model_answer, rubric, partial_credit, explanation)
SELECT DISTINCT ON (q.school_id, q.prompt) q.district_id, q.school_id, app.new_id(), b.id, q.kind, q.prompt,
  q.points, q.difficulty, q.options, q.correct_option, q.model_answer, q.rubric, q.partial_credit, q.explanation
FROM app.questions q JOIN app.question_banks b ON b.district_id = q.district_id AND b.school_id = q.school_id
WHERE q.district_id = %s ORDER BY q.school_id, q.prompt, q.id
"""

_CONCEPTS = """
INSERT INTO app.bank_question_concepts (district_id, school_id, question_id, concept_id, bank_id)
SELECT DISTINCT t.district_id, t.school_id, t.id, qc.concept_id, t.bank_id
FROM app.bank_questions t
JOIN app.questions q ON q.district_id = t.district_id AND q.school_id = t.school_id AND q.prompt = t.prompt
JOIN app.question_concepts qc ON qc.district_id = q.district_id AND qc.question_id = q.id
WHERE t.district_id = %s
"""

_TERMS = """
INSERT INTO app.bank_question_terms (district_id, school_id, bank_id, term, question_id)
SELECT t.district_id, t.school_id, t.bank_id, found.word, t.id
FROM app.bank_questions t, app.words(concat_ws(' ', t.name, t.prompt,
  (SELECT string_agg(item ->> 'text', ' ') FROM jsonb_array_elements(t.options) AS listed (item)))) AS found (word)
WHERE t.district_id = %s
"""

_ACCOMMODATIONS = """
INSERT INTO app.accommodations (district_id, school_id, id, class_id, student_id, time_multiplier, due_shift_hours,
  granted_by)
SELECT DISTINCT ON (e.class_id) e.district_id, e.school_id, app.new_id(), e.class_id, e.student_id, 1.5, 48,
  c.teacher_id
FROM app.class_enrollments e JOIN app.classes c ON c.district_id = e.district_id AND c.id = e.class_id
WHERE e.district_id = %s AND e.status = 'approved' ORDER BY e.class_id, e.student_id
"""


def write_library(connection: psycopg.Connection, district_id: str) -> None:
    """Copy each school's questions into its bank, and grant one student of each class half as much time again."""
    for statement in (_BANKS, _QUESTIONS, _CONCEPTS, _TERMS, _ACCOMMODATIONS):
        connection.execute(statement, [district_id])
