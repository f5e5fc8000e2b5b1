"""Sums by day and by cohort, kept in step with the orders by a worker, from which numbers are read.

What a batch writes is noted in its own transaction (`noting`); a worker's turn takes the notes up
as stale days (`taking_up`) and recounts those from the orders (`days`, `cohorts`); nothing is ever
incremented. `verifying` counts everything anew, in another way, and tells what differs.
"""
