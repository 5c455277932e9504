#!/bin/sh
# Builds the transcriber's image with docker, podman or buildah, whichever is there.
#
#   MODEL, MODEL_SHA256  as the Dockerfile says       TAG  the image's name (pisar-transcriber)
#   REQUIREMENTS         vm: self-hosted, where Celery is needed; else for the cloud
#   BASE                 the image to build on, as base.sh prints it, where Debian's own can't be reached
#   CA                   certificates of a proxy between here and the package index, if there is one
#   PIP_INDEX_URL        a package index of your own, if there is one
set -eu
cd "$(dirname "$0")/.."

builder=$(containers/builder.sh)

set -- -f containers/transcriber/Dockerfile -t "${TAG:-pisar-transcriber}"
set -- "$@" --build-arg "REQUIREMENTS=${REQUIREMENTS:-transcriber}"
set -- "$@" --build-arg "MODEL=${MODEL:-small}" --build-arg "MODEL_SHA256=${MODEL_SHA256:-}"
[ -z "${BASE:-}" ] || set -- "$@" --build-arg "BASE=$BASE"
[ -z "${CA:-}" ] || set -- "$@" --secret "id=ca,src=$CA"
[ -z "${PIP_INDEX_URL:-}" ] || set -- "$@" --secret id=index,env=PIP_INDEX_URL

echo "image: building ${TAG:-pisar-transcriber} with $builder"
if [ "$builder" = buildah ]; then
  # chroot: works for root without a daemon; such isolation is enough for a build of our own files.
  exec buildah --storage-driver vfs bud --isolation chroot --layers --force-rm "$@" .
fi
exec "$builder" build "$@" .
