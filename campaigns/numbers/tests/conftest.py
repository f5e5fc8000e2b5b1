"""A campaign of Ana's store, and people to write to."""

from campaigns.tests.conftest import campaign as campaign
from campaigns.tests.conftest import kim as kim
from campaigns.tests.conftest import lee as lee
from campaigns.tests.conftest import sender as sender
