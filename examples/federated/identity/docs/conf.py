"""The site of the team that knows who somebody is."""

project = "Identity"
extensions = ["sphinx_statestores"]
html_baseurl = "https://identity.example.org/"

# Stores of the shop are linked, and not listed here. statestores.lock pins them.
statestores_sites = {"shop": "https://shop.example.org/"}
statestores_autolink = True
