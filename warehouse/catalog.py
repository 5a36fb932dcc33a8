"""All marts, by name: the one list that writers, readers, checks, exports and the dictionary share."""

from types import MappingProxyType

from warehouse.ai import AI_GRADING_AGREEMENT, AI_INTERACTIONS
from warehouse.answers import ANSWERS
from warehouse.attempts import ATTEMPTS, TIME_ON_TASK
from warehouse.classes import CLASS_PERFORMANCE
from warehouse.completion import ASSIGNMENT_COMPLETION, CLASS_ACTIVITY
from warehouse.events import EVENTS
from warehouse.gradebook import CLASS_GRADES, GRADEBOOK
from warehouse.items import QUESTION_STATISTICS
from warehouse.mart import Mart
from warehouse.mastery import CONCEPT_MASTERY, MASTERY_HISTORY
from warehouse.progress import LEARNING_PATHS, STUDENT_PROGRESS
from warehouse.rejections import REJECTED_ROWS
from warehouse.risk import STUDENTS_AT_RISK
from warehouse.struggling import STRUGGLING_FLAGS
from warehouse.velocity import CLASS_VELOCITY, LEARNING_VELOCITY

_IN_ORDER_OF_COMPUTATION = (
    EVENTS,
    ANSWERS,
    ATTEMPTS,
    GRADEBOOK,
    CLASS_GRADES,
    AI_INTERACTIONS,
    AI_GRADING_AGREEMENT,
    QUESTION_STATISTICS,
    CONCEPT_MASTERY,
    MASTERY_HISTORY,
    STRUGGLING_FLAGS,
    LEARNING_VELOCITY,
    CLASS_VELOCITY,
    TIME_ON_TASK,
    ASSIGNMENT_COMPLETION,
    CLASS_ACTIVITY,
    CLASS_PERFORMANCE,
    STUDENT_PROGRESS,
    STUDENTS_AT_RISK,
    LEARNING_PATHS,
    REJECTED_ROWS,
)

MARTS = MappingProxyType({mart.name: mart for mart in _IN_ORDER_OF_COMPUTATION})


def mart_named(name: str) -> Mart:
    """Return the declaration of a mart. Raises KeyError for an unknown name."""
    return MARTS[name]
