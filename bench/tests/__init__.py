"""Tests of the programs under bench/."""
