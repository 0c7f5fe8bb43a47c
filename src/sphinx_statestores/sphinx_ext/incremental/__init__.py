"""Fingerprints of the previous build -> the documents that must be written again."""
