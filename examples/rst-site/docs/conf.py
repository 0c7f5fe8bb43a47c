"""The site of a web shop, in reStructuredText."""

project = "Web shop"
extensions = ["sphinx_statestores"]

# The registry is at the default path: ../schemas/state-stores.yaml, relative to this file.
statestores_service_pages = "services/{kebab}"
statestores_autolink = True
