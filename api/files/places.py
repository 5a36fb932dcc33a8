"""How many files one person may send at once, so that nobody can fill a process with slow uploads."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from api.files.errors import TooManyUploadsError
from core.tenancy import Actor

AT_ONCE = 3


class UploadPlaces:
    """The uploads under way in this process. Each counts alone: what they take up is its own disk and sockets."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[UUID, UUID]] = Counter()

    @contextmanager
    def taken_by(self, actor: Actor) -> Iterator[None]:
        """Hold a place while the block runs. Raises TooManyUploadsError."""
        person = actor.district_id, actor.user_id
        if self._taken[person] >= AT_ONCE:
            raise TooManyUploadsError
        self._taken[person] += 1
        try:
            yield
        finally:
            self._taken[person] -= 1
            if not self._taken[person]:
                del self._taken[person]
