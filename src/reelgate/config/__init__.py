"""All settings of a function, read once from its environment.

`docs/configuration.md` explains each variable; a test keeps both complete. Rules of the product end up in `Policy`, the rest
says where things are.
"""

from reelgate.config.settings import EMULATOR_VARIABLES, Settings

__all__ = ["EMULATOR_VARIABLES", "Settings"]
