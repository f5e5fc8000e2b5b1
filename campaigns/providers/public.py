"""SMTP to hosts of the public internet alone: for mail servers that a store names.

The name is looked up once, all that it says is judged, and what was judged is connected to: a
name that answers otherwise the next time leads nowhere else.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address

from campaigns.providers.timed import TimedEmailBackend, find_addresses

NAT64 = ip_address("64:ff9b::")
LOW = 2**32 - 1  # of a NAT64 address: the IPv4 one within


class PrivateHost(OSError):
    """The host is, or is also, within a private, loopback or link-local network."""


class PublicEmailBackend(TimedEmailBackend):
    """Connects to public addresses alone."""

    def find(self, host: str, port: int) -> list[str]:
        return find_public(host, port)


def find_public(host: str, port: int, *, flags: int = 0) -> list[str]:
    """The host's addresses; raises PrivateHost unless all of them are public."""
    addresses = find_addresses(host, port, flags=flags)
    if not addresses or not all(is_public(ip_address(each)) for each in addresses):
        raise PrivateHost
    return addresses


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is out in the internet, also where an IPv4 address is written as IPv6."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if int(address) & ~LOW == int(NAT64):
            inner = IPv4Address(int(address) & LOW)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast
