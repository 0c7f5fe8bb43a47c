"""Blocks of an answer -> what a writer takes: finished HTML rows, or docutils nodes."""
