"""Tests of the fault matrix that need processes of their own; rows are in the tests' names."""
