"""The portal: the stores of all teams on one site."""

project = "Portal"
extensions = ["sphinx_statestores"]
html_baseurl = "https://portal.example.org/"

# The portal's own registry, and those of two sites. A name that both have begins with the namespace of its site.
statestores_registry = [
    "../schemas/state-stores.yaml",
    ("identity", "https://identity.example.org/"),
    ("shop", "https://shop.example.org/"),
]
