"""The one exception of the embedded engines."""


class EngineError(Exception):
    """An engine cannot be had; the message is one line and says what to do about it."""
