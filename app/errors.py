"""Every error that the service can answer with, as one small tree; `problems` makes answers of them."""

UNFORESEEN = "the service failed unexpectedly; its log has the details"


class ServiceError(Exception):
    """An error that the client is told about; `detail` says what was sent and what is expected."""

    status = 500

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BadRequestError(ServiceError):
    """No body at all, malformed JSON or multipart, no field `file`; whatever is wrong with a request to `/v2`."""

    status = 400


class UnauthorizedError(ServiceError):
    """No API key, or none that is good, where the service asks for one."""

    status = 401


class NotFoundError(ServiceError):
    """A version of the model that there is none of."""

    status = 404


class LateError(ServiceError):
    """What was waited for has not come in time."""

    status = 408


class TooLargeError(ServiceError):
    """A body over its limit, or a picture over the pixel limit."""

    status = 413


class UnsupportedTypeError(ServiceError):
    """Bytes of an unsupported image type, or an unknown Content-Encoding."""

    status = 415


class UnreadableError(ServiceError):
    """An image type that does not decode, JSON of the wrong shape, values or a query out of range."""

    status = 422


class UnavailableError(ServiceError):
    """Busy, not ready yet, or draining; worth trying again."""

    status = 503


class BusyError(UnavailableError):
    """The service already has as many requests under way as it takes at once."""

    def __init__(self) -> None:
        super().__init__("the service is busy; try again in a second")
