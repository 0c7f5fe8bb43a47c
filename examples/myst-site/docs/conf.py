"""The site of a newsletter, in MyST Markdown."""

project = "Newsletter"
extensions = ["myst_parser", "sphinx_statestores"]

statestores_autolink = True
# Each service has a page that is made from the registry.
statestores_generate_pages = "services/"
