from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id, time_of_id


def test_an_id_holds_the_millisecond_it_was_made_in() -> None:
    assert abs(time_of_id(new_id()) - datetime.now(UTC)) < timedelta(seconds=1)


def test_ids_sort_by_when_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000


def test_the_example_of_the_standard_is_read_right() -> None:
    """RFC 9562 A.6: 2022-02-22 19:22:22.000 UTC."""
    assert time_of_id(UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")) == datetime(
        2022, 2, 22, 19, 22, 22, tzinfo=UTC
    )


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_an_id_of_another_version_has_no_time(number: int) -> None:
    identifier = UUID(int=number)
    if identifier.version != 7:
        with pytest.raises(ValueError, match="not a UUIDv7"):
            time_of_id(identifier)


def test_a_random_id_is_refused() -> None:
    with pytest.raises(ValueError, match="not a UUIDv7"):
        time_of_id(uuid4())
