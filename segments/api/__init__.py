"""Segments for programs, by noun."""
