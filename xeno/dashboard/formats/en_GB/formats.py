"""Dates as the admin shows and takes them: 24 hours, and a date that sorts as it reads."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
# The first is what the date picker writes; filters and tests use it too.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
