"""The version of the package: what the service says of itself and what the command prints."""

from importlib.metadata import version

VERSION = version("postal-digits")
