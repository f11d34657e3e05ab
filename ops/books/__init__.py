"""Commands that compare, repair and show the books and the bucket."""
