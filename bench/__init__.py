"""Programs outside the application that try it: they know its addresses and none of its code."""
