"""The directory of users: Firebase Auth."""
