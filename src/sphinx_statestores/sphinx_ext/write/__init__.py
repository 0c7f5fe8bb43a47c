"""Blocks -> docutils nodes or HTML rows, and what a site has beside its text: indices, assets, titles."""
