"""What an earlier build left, and which documents have to be written again because of it."""
