import pytest
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import User
from tests.factories.user import make_identity
from tests.factories.world import SchoolBench


@pytest.fixture
def teacher(school: SchoolBench, rows: Session, keys: KeyRing) -> User:
    """Somebody who can sign in with PASSWORD."""
    make_identity(rows, school.teacher, keys)
    return school.teacher
