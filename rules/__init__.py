"""What the village agreed on: rule books, clauses, scoring items."""
