"""Fixtures that several rings share."""

pytest_plugins = ["tests.fixtures.firestore", "tests.fixtures.pubsub"]
