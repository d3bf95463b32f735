# The service: built in one stage, copied without its tools into another.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
RUN python -m venv /venv
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY app app
COPY data/postal_codes data/postal_codes
COPY model model
RUN /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check -c requirements.lock . \
    && /venv/bin/python -m pip uninstall --yes --quiet pip

FROM ${BASE}
RUN useradd --system --no-create-home --uid 10001 digits
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DIGITS_HOST=0.0.0.0 DIGITS_LOG_FORMAT=json
USER digits
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/health/ready' % (os.environ.get('DIGITS_PORT') or os.environ.get('PORT') or 8000), timeout=2)"]
CMD ["postal-digits", "serve"]
