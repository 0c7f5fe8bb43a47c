"""Blocks -> docutils nodes or HTML rows, and the other output of a site: indices, assets, titles."""
