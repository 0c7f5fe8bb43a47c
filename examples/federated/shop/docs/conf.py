"""The site of the team that sells."""

project = "Shop"
extensions = ["sphinx_statestores"]
html_baseurl = "https://shop.example.org/"

# Stores of the identity team are linked, and not listed here. statestores.lock pins them.
statestores_sites = {"identity": "https://identity.example.org/"}
statestores_autolink = True
