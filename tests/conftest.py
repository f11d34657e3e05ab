"""Fixtures that several rings share."""

pytest_plugins = ["tests.fixtures.auth_emulator", "tests.fixtures.firestore", "tests.fixtures.pubsub"]
