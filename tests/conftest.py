"""Fixtures and settings that several rings share."""

from hypothesis import settings

pytest_plugins = ["tests.fixtures.auth_emulator", "tests.fixtures.firestore", "tests.fixtures.pubsub"]

# No example has a deadline: how long one takes depends on what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
