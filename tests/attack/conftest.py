"""The people who attack are those of the tables of rights."""

from tests.rights.conftest import cast as cast
