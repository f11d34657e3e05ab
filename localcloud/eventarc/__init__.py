"""The local Eventarc: takes storage events from the storage emulator's feed to functions, as CloudEvents, at least once."""
