"""Numbers over the API, beside those of the apps above."""
