"""Files that people take away and bring: exports made by a worker, imports of customers."""
