"""The text of a query: its tokens, where things stand in it, and what keeps it from being read."""
