"""The site of a newsletter, in MyST Markdown."""

project = "Newsletter"
extensions = ["myst_parser", "sphinx_statestores"]

statestores_autolink = True
# Generate a page for each service.
statestores_generate_pages = "services/"
