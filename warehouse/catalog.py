"""All marts, by name: the one list that writers, readers, checks, exports and the dictionary share."""

from types import MappingProxyType

from warehouse.answers import ANSWERS
from warehouse.classes import CLASS_PERFORMANCE
from warehouse.events import EVENTS
from warehouse.gradebook import CLASS_GRADES
from warehouse.items import QUESTION_STATISTICS
from warehouse.mart import Mart
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.struggling import STRUGGLING_FLAGS

_IN_ORDER_OF_COMPUTATION = (
    EVENTS,
    ANSWERS,
    QUESTION_STATISTICS,
    CONCEPT_MASTERY,
    STRUGGLING_FLAGS,
    CLASS_PERFORMANCE,
    CLASS_GRADES,
)

MARTS = MappingProxyType({mart.name: mart for mart in _IN_ORDER_OF_COMPUTATION})


def mart_named(name: str) -> Mart:
    """Return the declaration of a mart. Raises KeyError for an unknown name."""
    return MARTS[name]
