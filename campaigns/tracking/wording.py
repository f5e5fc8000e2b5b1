"""What a page may show of an address to whoever has its link."""


def masked(address: str | None) -> str:
    """`k…@example.com`: enough for its owner to know it, and for nobody to learn it."""
    local, at, domain = (address or "").rpartition("@")
    return f"{local[:1]}…@{domain}" if at else ""
