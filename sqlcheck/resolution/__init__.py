"""What the names of a query stand for: scopes, references and outputs, and what is known of their values."""
