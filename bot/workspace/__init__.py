"""A local workspace that speaks Slack's own protocol on loopback, for demos, training and tests.

An app connects to it exactly as to Slack: the same tokens and the same code, only the base URL differs.
"""

from bot.workspace.calls import Call, Calls
from bot.workspace.clock import ClockControl
from bot.workspace.faults import Faults, Switches
from bot.workspace.manifest import ManifestError
from bot.workspace.moments import Listener, Moment
from bot.workspace.person import Person
from bot.workspace.refusal import RefusedError
from bot.workspace.server import Server, serve
from bot.workspace.signed import signature
from bot.workspace.validation import block_problems, view_problems
from bot.workspace.workspace import Workspace

__all__ = [
    "Call",
    "Calls",
    "ClockControl",
    "Faults",
    "Listener",
    "ManifestError",
    "Moment",
    "Person",
    "RefusedError",
    "Server",
    "Switches",
    "Workspace",
    "block_problems",
    "serve",
    "signature",
    "view_problems",
]
