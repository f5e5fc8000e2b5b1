"""The demo store: a small shop's invented story, told through the real webhook endpoint."""
