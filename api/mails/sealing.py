"""Address and content of a mail on its way: encrypted for their columns and their district."""

import json
from dataclasses import dataclass

from core.encryption import ColumnKeys, Place
from core.tenancy import TenantId


@dataclass(frozen=True)
class Sealed:
    """What the database sees of a mail."""

    address: bytes
    content: bytes


def seal(keys: ColumnKeys, address: str, content: dict[str, str], tenant: TenantId) -> Sealed:
    return Sealed(
        keys.encrypt(address, _place("address_encrypted", tenant)),
        keys.encrypt(json.dumps(content), _place("content_encrypted", tenant)),
    )


def unseal(keys: ColumnKeys, sealed: Sealed, tenant: TenantId) -> tuple[str, dict[str, str]]:
    """Return address and content. Raises UndecipherableError when a key is gone."""
    address = keys.decrypt(sealed.address, _place("address_encrypted", tenant))
    content: dict[str, str] = json.loads(keys.decrypt(sealed.content, _place("content_encrypted", tenant)))
    return address, content


def _place(column: str, tenant: TenantId) -> Place:
    return Place("outgoing_mails", column, tenant.value)
