"""Pages -> questions: directives, roles and inline literals, recorded when Sphinx reads a document."""
