"""The registry: files are loaded into values, and queries select stores from them. Does not depend on Sphinx."""
