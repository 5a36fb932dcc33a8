from decimal import Decimal

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    BankQuestion,
    BankQuestionConcept,
    CandidateState,
    Concept,
    Difficulty,
    GenerationMode,
    Question,
    QuestionBank,
    QuestionCandidate,
    QuestionKind,
    QuizGeneration,
    User,
)
from core.models.assignment import Assignment
from tests.factories.saving import canary, saved


def make_bank(session: Session, owner: User, *, is_shared: bool = False) -> QuestionBank:
    mark = canary(owner.district_id, owner.school_id)
    bank = QuestionBank(
        district_id=owner.district_id,
        school_id=owner.school_id,
        id=new_id(),
        owner_id=owner.id,
        name=f"Bank {mark}",
        description=f"Questions {mark}",
        subject="Mathematics",
        is_shared=is_shared,
    )
    return saved(session, bank)


def make_bank_question(session: Session, bank: QuestionBank) -> BankQuestion:
    """Multiple choice; b is right; 1 point."""
    mark = canary(bank.district_id, bank.school_id)
    question = BankQuestion(
        district_id=bank.district_id,
        school_id=bank.school_id,
        id=new_id(),
        bank_id=bank.id,
        name=f"Name {mark}",
        kind=QuestionKind.MULTIPLE_CHOICE,
        prompt=f"Prompt {mark}",
        points=Decimal(1),
        difficulty=Difficulty.MEDIUM,
        options=[{"id": name, "text": f"Option {name} {mark}", "feedback": None} for name in "abcd"],
        correct_option="b",
        explanation=f"Explanation {mark}",
    )
    return saved(session, question)


def tag_bank_question(session: Session, question: BankQuestion, concept: Concept) -> BankQuestionConcept:
    tag = BankQuestionConcept(
        district_id=question.district_id,
        school_id=question.school_id,
        question_id=question.id,
        concept_id=concept.id,
        bank_id=question.bank_id,
    )
    return saved(session, tag)


def make_generation(session: Session, assignment: Assignment, teacher: User) -> QuizGeneration:
    """Finished, by a model."""
    generation = QuizGeneration(
        district_id=assignment.district_id,
        school_id=assignment.school_id,
        id=new_id(),
        assignment_id=assignment.id,
        class_id=assignment.class_id,
        requested_by=teacher.id,
        job_id=new_id(),
        source_text=f"Source {canary(assignment.district_id, assignment.school_id)}",
        request={"counts": {"multiple_choice": 1, "free_response": 0}},
        mode=GenerationMode.AI,
    )
    return saved(session, generation)


def make_candidate(
    session: Session, generation: QuizGeneration, question: Question | None = None
) -> QuestionCandidate:
    """In quarantine, or, with a question, the one it became."""
    candidate_id = new_id()
    candidate = QuestionCandidate(
        district_id=generation.district_id,
        school_id=generation.school_id,
        id=candidate_id,
        generation_id=generation.id,
        batch=0,
        attempt=0,
        position=candidate_id.int % 1_000_000,
        content={"prompt": f"Candidate {canary(generation.district_id, generation.school_id)}"},
        findings=[{"check": "evidence", "passed": question is not None, "reason": None}],
        state=CandidateState.QUARANTINED if question is None else CandidateState.PASSED,
        question_id=None if question is None else question.id,
    )
    return saved(session, candidate)
