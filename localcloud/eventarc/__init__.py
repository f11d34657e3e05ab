"""The local Eventarc: delivers the storage emulator's events to functions as CloudEvents, at least once."""
