"""The data: registry files as values, and the questions they answer. Knows nothing of Sphinx."""
