from core.errors import ForbiddenError, UnauthenticatedError


class InvalidCredentialsError(UnauthenticatedError):
    """The address or the password is wrong."""

    code = "invalid_credentials"


class InvalidRefreshTokenError(UnauthenticatedError):
    """This refresh token is no longer valid; sign in again."""

    code = "invalid_refresh_token"


class CsrfRefusedError(ForbiddenError):
    """A call with the session cookie needs `X-Client: browser` and must come from one of our own pages."""

    code = "csrf_refused"


class GuardianConsentRequiredError(ForbiddenError):
    """A guardian must consent first; ask them to open the link in our mail."""

    code = "guardian_consent_required"
