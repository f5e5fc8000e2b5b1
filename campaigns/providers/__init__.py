"""Ways out: one file a provider, each with the same promise (`base.py`); a table names them."""
