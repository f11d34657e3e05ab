"""Other projects measured beside Reelgate: README.md says how. CI runs none of it, because it would have to fetch them."""
