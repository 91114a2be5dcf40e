"""Errors that a user can act on: each class carries its exit code, each message names the remedy.

Exit codes: docs/formats.md. One handler, in `cli.py`, turns these into one line on stderr.
"""


class PravkaError(Exception):
    """The base of all expected failures: what went wrong, then what to do about it."""

    exit_code = 1
    cause = "failed"  # in a summary of many
    file = ""  # the input that it is about, where it was refused

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}." if remedy else f"{problem}.")
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["PravkaError"], tuple[str, str]]:
        """Return how to make it again: it comes from another process."""
        return type(self), (self.problem, self.remedy)


class InternalFault(PravkaError):
    """A fault of the program itself, met while it did one thing among many."""

    cause = "internal error"

    @classmethod
    def of(cls, error: Exception) -> "InternalFault":
        """Return what to tell about an exception that nobody expected."""
        problem = f"Internal error: {type(error).__name__}: {error}"
        return cls(problem, "Set PRAVKA_DEBUG=1, run again, report that")


class UsageError(PravkaError):
    """The arguments contradict each other, or two inputs would write one file."""

    exit_code = 2
    cause = "usage"


class MissingProgram(PravkaError):
    """A program or a language pack is not installed."""

    exit_code = 3
    cause = "missing program"


class UnreadableInput(PravkaError):
    """An input is missing, broken, too large or locked."""

    exit_code = 4
    cause = "unreadable input"


class CannotWrite(PravkaError):
    """An output cannot be written whole."""

    exit_code = 5
    cause = "cannot write"


class NothingToDo(PravkaError):
    """The arguments hold no page at all."""

    exit_code = 6


class ProgramFailed(PravkaError):
    """An external program crashed, hung or printed what cannot be read."""

    exit_code = 7
    cause = "crashed, hung or took too much"


class SomeFailed(PravkaError):
    """Some documents failed, or more than is allowed; the others are done."""

    exit_code = 8


class BadData(PravkaError):
    """A configuration, lexicon, glyph map or list of decisions is not what it should be."""

    exit_code = 9
    cause = "bad data"


class Interrupted(PravkaError):
    """The user, or the machine, wants the program to end."""

    exit_code = 130
