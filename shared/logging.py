"""Structured logs on standard error: JSON for machines, coloured lines for people. Never patient data."""

import logging
import sys
import threading

import structlog

# These speak of every PDU and frame at debug level, and some of it is patient data.
_TALKATIVE = ("pika", "pydicom", "pynetdicom", "sqlalchemy", "werkzeug")
# What they warn of, they quote.
_QUOTING = ("pydicom", "pynetdicom")
_WARNINGS = "py.warnings"
# The default shows the local variables of every frame: data sets and rows among them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))

_OF_SEVERAL_LINES = ("exception", "stack")


def configure(*, service: str, log_format: str = "json", level: str = "info") -> None:
    """Send everything that is logged, by us and by libraries, to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name(service),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: list[structlog.typing.Processor] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            _visible,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_without_quotations)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_death


def _visible(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Show control characters in fields as escapes, as a stranger could write on the terminal with them."""
    return {
        name: "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value)
        if isinstance(value, str) and name not in _OF_SEVERAL_LINES
        else value
        for name, value in line.items()
    }


def _without_quotations(record: logging.LogRecord) -> bool:
    """Leave of some libraries' messages only where they come from: they quote what a peer has sent."""
    if record.name == _WARNINGS:
        record.msg = ": ".join(record.getMessage().split(": ")[:2])  # file, line and category
        record.args = None
    elif record.name.partition(".")[0] in _QUOTING:
        kind = record.exc_info[0] if record.exc_info else None
        record.msg = f"{record.module}.{record.funcName}, line {record.lineno}" + (f": {kind.__name__}" if kind else "")
        record.args = record.exc_info = record.exc_text = None
    return True


def _log_death(died: threading.ExceptHookArgs) -> None:
    """Log the error that a thread has died of, in the format of all other lines, without its text."""
    name = died.thread.name if died.thread else ""
    where = died.exc_traceback
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    line = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
    get_logger(__name__).error("a thread has died", thread=name, error=died.exc_type.__name__, where=line)


def _name(service: str) -> structlog.typing.Processor:
    """Name the service in every line, whichever thread it comes from (context variables know only their own)."""

    def processor(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return processor


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; keyword arguments of its calls become fields of the line."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
