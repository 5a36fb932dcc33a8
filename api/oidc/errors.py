from core.errors import AppError, InvalidInputError, NotFoundError


class UnknownProviderError(NotFoundError):
    """There is no identity provider of that name here."""

    code = "unknown_provider"


class ReturnAddressError(InvalidInputError):
    """A sign-in may only end at an address this installation lists."""

    code = "return_address_not_allowed"


class ProviderUnavailableError(AppError):
    """The identity provider does not answer; try again in a moment."""

    status = 503
    code = "provider_unavailable"
    retry_after = 5


class SignInRefusedError(InvalidInputError):
    """This sign-in through an identity provider was not accepted; start again."""

    code = "sign_in_refused"


class NotLinkedError(InvalidInputError):
    """Nobody here is known by this account; the first sign-in needs an invitation or a class code."""

    code = "account_not_linked"


class AddressInUseError(InvalidInputError):
    """This address has an account with a password here; sign in with that."""

    code = "address_in_use"
