# One small image for every process of the service: web, sender, worker, clock, migrations.

FROM python:3.11-slim AS parts
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_CACHE=1
COPY requirements-uv.txt requirements.txt ./
RUN pip install --require-hashes -r requirements-uv.txt \
    && python -m venv --without-pip /opt/aftercare \
    && uv pip install --python /opt/aftercare/bin/python --compile-bytecode \
        --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/aftercare/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/aftercare
RUN useradd --system --no-create-home --uid 10001 aftercare \
    && install --directory --owner aftercare --group aftercare "$VAR_DIR"
COPY --from=parts /opt/aftercare /opt/aftercare
WORKDIR /srv/aftercare
COPY manage.py requirements.txt ./
COPY patients ./patients
COPY reminders ./reminders
COPY clinic ./clinic
COPY templates ./templates
USER aftercare
# A random key for this one command, which is not kept: the image holds no secret.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["gunicorn", "clinic.wsgi", "--bind=0.0.0.0:8000", "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm"]
