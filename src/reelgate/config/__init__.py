"""All settings of a function, read once from its environment.

`docs/configuration.md` describes each variable; a test compares it with the code. Limits and periods are in `Policy`.
"""

from reelgate.config.settings import EMULATOR_VARIABLES, Settings

__all__ = ["EMULATOR_VARIABLES", "Settings"]
