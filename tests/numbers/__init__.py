"""Numbers of a store against a plain recount, and against figures that were published."""
