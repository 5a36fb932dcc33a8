"""The only door to a model: one typed reply per prompt, paid once, recorded, within the district's budget."""

from core.ai.errors import (
    AiError,
    AiOffError,
    BadReplyError,
    BudgetExhaustedError,
    ModelRefusedError,
    ProviderRefusesError,
    ProviderUnavailableError,
)
from core.ai.model import Ask, Model, Reply
from core.ai.prompts import Prompt, load_prompt

__all__ = [
    "AiError",
    "AiOffError",
    "Ask",
    "BadReplyError",
    "BudgetExhaustedError",
    "Model",
    "ModelRefusedError",
    "Prompt",
    "ProviderRefusesError",
    "ProviderUnavailableError",
    "Reply",
    "load_prompt",
]
