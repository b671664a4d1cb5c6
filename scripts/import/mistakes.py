# SPDX-License-Identifier: Apache-2.0
"""How the importers speak of wrong input: all mistakes in one message, and exit code 2."""

import sys

MOST_SHOWN = 50


class InputError(Exception):
    """The user's input is wrong; the message names the place, what was found and expected."""


class Mistakes:
    """Collects mistakes of one file, so that all of them are told at once."""

    def __init__(self, file):
        self.file = file
        self.lines = []

    def add(self, text):
        self.lines.append(f"{self.file}: {text}")

    def layer(self, name, text):
        self.add(f'layer "{printable(name)}": {text}')

    def raise_if_any(self):
        if not self.lines:
            return
        shown = self.lines[:MOST_SHOWN]
        if len(self.lines) > MOST_SHOWN:
            shown.append(f"and {len(self.lines) - MOST_SHOWN} mistakes more")
        raise InputError("\n".join(shown))


def printable(text, most=200):
    """Text of a file, fit for a message: no control characters, not too long."""
    text = str(text)
    cut = text[:most] + ("..." if len(text) > most else "")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode()
                   for c in cut)


def shape_text(shape):
    return "x".join(str(extent) for extent in shape) if len(shape) else "one number"


def run(main):
    """Runs an importer's main; wrong input and files that cannot be read end it with code 2."""
    try:
        main()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"error: {error.filename or 'file'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)
