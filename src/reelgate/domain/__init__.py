"""The rules and value types of the store, without I/O and without a clock. Imports only the standard library and idna."""
