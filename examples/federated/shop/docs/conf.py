"""The site of the shop team."""

project = "Shop"
extensions = ["sphinx_statestores"]
html_baseurl = "https://shop.example.org/"

# Link to stores of the identity team without listing them. statestores.lock pins them.
statestores_sites = {"identity": "https://identity.example.org/"}
statestores_autolink = True
