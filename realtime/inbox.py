"""What one connected person hears: every lasting event once, in the order of its number, without a gap."""

from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_EARLY = 200
"""Events kept while an earlier one is missing; what comes beyond is pulled with it."""


@dataclass(slots=True)
class Inbox:
    """The order of one person's events on this node, whichever way they come.

    `last_seq` is the number of the last one passed on; None until the database has told where the person stands.
    """

    last_seq: int | None = None
    early: dict[int, str] = field(default_factory=dict)
    """What came before its turn, by number."""

    @property
    def is_behind(self) -> bool:
        """Tell whether something is missing that only the database can give."""
        return bool(self.early)

    def begin_at(self, last_seq: int) -> list[str]:
        """Take where the person stands; what is older is never passed on. Returns what can be passed on now."""
        if self.last_seq is None:
            self.last_seq = last_seq
        return self._in_turn()

    def take(self, seq: int, frame: str) -> list[str]:
        """Take an event; returns the frames whose turn it is, none when it came twice or too early.

        >>> inbox = Inbox(last_seq=4)
        >>> inbox.take(6, "six"), inbox.take(5, "five"), inbox.take(6, "six"), inbox.last_seq
        ([], ['five', 'six'], [], 6)
        """
        if len(self.early) < MOST_EARLY:
            self.early[seq] = frame
        return self._in_turn()

    def catch_up(self, events: Iterable[tuple[int, str]]) -> list[str]:
        """Take what the database has after `last_seq`, oldest first; numbers it no longer keeps are passed over."""
        frames = []
        for seq, frame in events:
            if self.last_seq is None or seq > self.last_seq:
                frames.append(frame)
                self.last_seq = seq
        return frames + self._in_turn()

    def _in_turn(self) -> list[str]:
        if self.last_seq is None:
            return []
        frames = []
        while (frame := self.early.pop(self.last_seq + 1, None)) is not None:
            frames.append(frame)
            self.last_seq += 1
        self.early = {seq: frame for seq, frame in self.early.items() if seq > self.last_seq}
        return frames
