"""The whole oracle: every mart from the facts of a district."""

from tests.oracle.facts import Facts, Rows
from tests.oracle.oracle_copies import copies
from tests.oracle.oracle_items import grading_agreement, question_statistics, time_on_task
from tests.oracle.oracle_mastery import mastery_marts
from tests.oracle.oracle_paths import learning_paths
from tests.oracle.oracle_risk import students_at_risk
from tests.oracle.oracle_work import (
    assignment_completion,
    class_activity,
    class_performance,
    judged_work,
    student_progress,
)


def expected_marts(facts: Facts) -> dict[str, Rows]:
    """Return the rows each mart must hold, by its name."""
    marts = copies(facts)
    places = places_of(facts)
    work = judged_work(facts, places)
    marts |= mastery_marts(facts, marts["answers"], places)
    marts |= {
        "question_statistics": question_statistics(facts, marts["answers"]),
        "ai_grading_agreement": grading_agreement(facts),
        "time_on_task": time_on_task(facts, marts["attempts"]),
        "assignment_completion": assignment_completion(facts, work),
        "class_activity": class_activity(facts, marts, places),
        "class_performance": class_performance(facts, places),
        "student_progress": student_progress(facts, marts, work, places),
    }
    return marts | {
        "students_at_risk": students_at_risk(facts, marts, work, places),
        "learning_paths": learning_paths(facts, marts, work, places),
    }


def places_of(facts: Facts) -> Rows:
    """Return who is in which class: approved, and neither the place nor the class put away."""
    classes = {row["id"]: row["school_id"] for row in facts.standing("classes")}
    return [
        {"school_id": classes[row["class_id"]], "class_id": row["class_id"], "student_id": row["student_id"]}
        for row in facts.standing("class_enrollments")
        if row["status"] == "approved" and row["class_id"] in classes
    ]
