"""Why a model gave no usable reply; `reason` is stable and goes into jobs and provenance."""

from core.errors import AppError


class AiError(AppError):
    """No model could answer."""

    status = 503
    code = "ai_unavailable"
    reason = "ai_error"

    def __init__(self, reason: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__()
        self.reason = reason or type(self).reason
        self.seconds_to_wait = retry_after
        """When the provider said to come back, in seconds; None: it did not say."""
        self.calls = 0
        """How often the provider was called before we gave up."""


class AiOffError(AiError):
    """No model is set up, or the district has them switched off."""

    reason = "ai_off"


class BudgetExhaustedError(AiError):
    """The district's money for models is spent for this month."""

    code = "ai_budget_exhausted"
    reason = "budget_exhausted"


class ProviderUnavailableError(AiError):
    """The provider is away or overloaded; waiting helps."""

    reason = "provider_unavailable"


class ProviderRefusesError(AiError):
    """The provider does not serve us: credentials, account or model are wrong; waiting does not help."""

    reason = "provider_refuses"


class ModelRefusedError(AiError):
    """The model declined to answer this."""

    reason = "model_refused"


class BadReplyError(AiError):
    """The model's reply was not in the form it was asked for, twice."""

    reason = "bad_reply"
