# The image of every process: web, worker, beat, migrate. It holds no secret; all come from the environment.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XENO_ENV=production \
    XENO_HOME=/var/lib/xeno \
    STATIC_ROOT=/srv/xeno-static

RUN useradd --system --uid 10001 --home-dir /var/lib/xeno --create-home xeno
WORKDIR /srv/xeno

COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

COPY . .
# the settings want a home for engines that this image does not run; it must not stay in a layer
RUN XENO_HOME=/tmp/home python manage.py collectstatic --noinput -v 0 && rm -rf /tmp/home

USER xeno
VOLUME /var/lib/xeno
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "64", "--respawn-failed-workers", "--workers-kill-timeout", "10", "--no-ws", "xeno.wsgi:application"]
