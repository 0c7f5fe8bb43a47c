"""Pages -> questions: what a document asks of the registry, noted when Sphinx reads it."""
