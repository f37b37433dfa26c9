"""What follows from the rules: ledger, scoring, leaderboards, publications."""
