# One image a service: docker build --build-arg SERVICE=store_scp|importer|qr|config_api .
# An image holds Python, the packages of requirements/SERVICE.txt, `shared` and that one service.
ARG SERVICE=store_scp

FROM python:3.13-slim-trixie AS builder
ARG SERVICE
WORKDIR /build
COPY requirements/build.txt requirements/${SERVICE}.txt requirements/
# Two environments: what builds the wheel stays here, only /opt/dosewire goes into the image.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /opt/dosewire \
    && /opt/build/bin/pip --python /opt/dosewire install --require-hashes -r requirements/${SERVICE}.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services/__init__.py services/py.typed services/
COPY services/${SERVICE} services/${SERVICE}
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/build/bin/pip --python /opt/dosewire install --no-deps dist/*.whl

# Makes the passwords of an installation; needs nothing but Python (see deploy/credentials.py).
FROM python:3.13-slim-trixie AS credentials
RUN install --directory --owner=10001 --group=10001 --mode=0755 /run/dosewire
COPY deploy/credentials.py /opt/
USER 10001:10001
CMD ["python", "/opt/credentials.py", "/run/dosewire"]

FROM python:3.13-slim-trixie AS runtime
# A new named volume takes its owner from this folder.
RUN groupadd --gid 10001 dosewire \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin dosewire \
    && install --directory --owner=dosewire --group=dosewire --mode=0750 /var/lib/dosewire
COPY --from=builder /opt/dosewire /opt/dosewire
ENV PATH=/opt/dosewire/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DOSEWIRE_DATA_DIR=/var/lib/dosewire \
    DOSEWIRE_HEALTH_PORT=9100
USER dosewire
WORKDIR /var/lib/dosewire
EXPOSE 9100
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9100/healthz', timeout=4)"]

FROM runtime AS run-store_scp
CMD ["python", "-m", "services.store_scp"]

FROM runtime AS run-importer
CMD ["python", "-m", "services.importer"]

FROM runtime AS run-qr
CMD ["python", "-m", "services.qr"]

FROM runtime AS run-config_api
EXPOSE 8080
CMD ["python", "-m", "services.config_api"]

FROM run-${SERVICE}
