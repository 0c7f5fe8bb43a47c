"""The portal: the stores of all teams on one site."""

project = "Portal"
extensions = ["sphinx_statestores"]
html_baseurl = "https://portal.example.org/"

# The portal's own registry, and those of two sites. Names that collide get the namespace of their site as a prefix.
statestores_registry = [
    "../schemas/state-stores.yaml",
    ("identity", "https://identity.example.org/"),
    ("shop", "https://shop.example.org/"),
]
