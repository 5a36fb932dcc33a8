"""How often one mailbox may be written to because somebody at the door named it, known here or not."""

from typing import Annotated

from fastapi import Depends, Request

from api.deps import Keys
from api.rate_limits import Bucket, RateLimiter, refusal
from core.keys import KeyRing


class MailboxLimit:
    """Counts by the address's index: no address is kept, and all addresses are counted alike."""

    def __init__(self, limiter: RateLimiter, keys: KeyRing) -> None:
        self._limiter = limiter
        self._keys = keys

    async def count(self, *emails: str | None) -> None:
        """Count one mail to each address. Raises TooManyRequestsError with the seconds to wait."""
        for email in filter(None, emails):
            standing = await self._limiter.hit(Bucket.MAILBOX, self._keys.email_index(email).hex())
            if standing.is_over:
                raise refusal(standing)


async def get_mailbox_limit(request: Request, keys: Keys) -> MailboxLimit:
    return MailboxLimit(request.app.state.limiter, keys)


Mailboxes = Annotated[MailboxLimit, Depends(get_mailbox_limit)]
