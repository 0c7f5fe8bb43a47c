"""The site of a web shop, in reStructuredText."""

project = "Web shop"
extensions = ["sphinx_statestores"]

# The registry is found without a word: ../schemas/state-stores.yaml, from the folder of this file.
statestores_service_pages = "services/{kebab}"
statestores_autolink = True
