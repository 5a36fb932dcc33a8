"""Where a request comes from: the peer, or what a load balancer we trust says of it.

`X-Forwarded-For` is read from right to left: each hop appends whom it heard from, so what stands left of the
first address that is not a trusted proxy's may have been invented by the client.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"

_HOME_PREFIX = 64
"""A home or a phone has a whole IPv6 network of this size; counting single addresses would count nobody."""


def client_address(request: Request, trusted: Sequence[Network]) -> str:
    """Return the address a request is counted by (an IPv6 address as its /64), or `unknown`."""
    address = _parsed(request.client.host) if request.client else None
    hops = [hop for line in request.headers.getlist("X-Forwarded-For") for hop in line.split(",")]
    while hops and address is not None and _is_trusted(address, trusted):
        before = _parsed(hops.pop())
        if before is None:
            break  # the proxy itself is counted: further left may stand anything
        address = before
    return UNKNOWN if address is None else _counted(address)


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _parsed(text: str) -> Address | None:
    """Read an address, with or without a port; None when it is none."""
    text = text.strip()
    host = text[1 : text.find("]")] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _counted(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address.packed, _HOME_PREFIX), strict=False))
