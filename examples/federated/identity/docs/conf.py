"""The site of the identity team."""

project = "Identity"
extensions = ["sphinx_statestores"]
html_baseurl = "https://identity.example.org/"

# Link to stores of the shop without listing them. statestores.lock pins them.
statestores_sites = {"shop": "https://shop.example.org/"}
statestores_autolink = True
