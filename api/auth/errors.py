from core.errors import ForbiddenError, NotFoundError, UnauthenticatedError


class InvalidCredentialsError(UnauthenticatedError):
    """The address or the password is wrong."""

    code = "invalid_credentials"


class InvalidRefreshTokenError(UnauthenticatedError):
    """This refresh token is no longer valid; sign in again."""

    code = "invalid_refresh_token"


class InvalidInvitationError(NotFoundError):
    """This invitation does not exist, has been used or has expired."""

    code = "invalid_invitation"


class InvalidClassCodeError(NotFoundError):
    """This class code does not exist or has expired."""

    code = "invalid_class_code"


class GuardianConsentRequiredError(ForbiddenError):
    """Under 13, a guardian must consent first; ask your school to create the account."""

    code = "guardian_consent_required"
