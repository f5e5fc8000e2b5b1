"""From a query's tree to SQL, through the ORM's expressions.

No text of a user reaches a statement but as a parameter, and every operator in WHERE is leakproof
with the types of its parameters, so that row-level security keeps the indexes.
"""
