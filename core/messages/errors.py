from core.errors import ConflictError, ForbiddenError, InvalidInputError


class ConversationClosedError(ConflictError):
    """You share no class with this person any more, so you can read here but not write."""

    code = "conversation_closed"


class ReadOnlyConversationError(ForbiddenError):
    """Only the teacher announces things to a class."""

    code = "read_only_conversation"


class ClientIdReusedError(ConflictError):
    """You used this client_id for another message; use a new one."""

    code = "client_id_reused"


class MessageTooOldError(ConflictError):
    """A message can be changed for fifteen minutes; write another one."""

    code = "message_too_old"


class EmptyMessageError(InvalidInputError):
    """A message needs something to read."""

    code = "empty_message"
