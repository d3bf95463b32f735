"""How the log is written: uvicorn's text, or an object of JSON a line. No line has a picture, or what was read."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from app.ids import CURRENT_ID
from app.settings import Settings


class JsonLines(logging.Formatter):
    """Makes one line of JSON of each record: time, level, logger, message, and the request's id, if it is about one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = getattr(record, "request_id", None) or CURRENT_ID.get()
        if request_id:
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def config(settings: Settings) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`, and for uvicorn.

    Everything goes to standard error; the access log, where it is on, to standard output.
    """
    level = settings.log_level.upper()
    texts = {
        "default": {"()": "uvicorn.logging.DefaultFormatter", "fmt": "%(levelprefix)s %(message)s"},
        "access": {
            "()": "uvicorn.logging.AccessFormatter",
            "fmt": '%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s',
        },
    }
    lines = {name: {"()": "app.logs.JsonLines"} for name in texts}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": lines if settings.log_format == "json" else texts,
        "handlers": {
            "default": {"class": "logging.StreamHandler", "formatter": "default", "stream": "ext://sys.stderr"},
            "access": {"class": "logging.StreamHandler", "formatter": "access", "stream": "ext://sys.stdout"},
        },
        # Libraries only warn: at lower levels, some tell of every chunk of a picture's file.
        "root": {"level": "WARNING", "handlers": ["default"]},
        "loggers": {
            "app": {"level": level},
            "uvicorn": {"level": level},
            "uvicorn.access": {"level": "INFO", "handlers": ["access"], "propagate": False},
        },
    }
