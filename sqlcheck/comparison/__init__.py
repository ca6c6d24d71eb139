"""Two versions of a query, and what the change means for profiles."""
