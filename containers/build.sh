#!/bin/sh
# Builds the transcriber's image with docker, podman or buildah, whichever is there.
#
#   MODEL, MODEL_SHA256  as the Dockerfile says       TAG  the image's name (pisar-transcriber)
#   CA                   certificates of a proxy between here and the package index, if there is one
set -eu
cd "$(dirname "$0")/.."

builder=${BUILDER:-}
for one in docker podman buildah; do
  [ -n "$builder" ] || ! "$one" info >/dev/null 2>&1 || builder=$one
done
[ -n "$builder" ] || { echo "image: docker, podman or buildah is needed and none works here. Run: sudo apt-get install buildah" >&2; exit 1; }

set -- -f containers/transcriber/Dockerfile -t "${TAG:-pisar-transcriber}"
set -- "$@" --build-arg "MODEL=${MODEL:-small}" --build-arg "MODEL_SHA256=${MODEL_SHA256:-}"
[ -z "${BASE:-}" ] || set -- "$@" --build-arg "BASE=$BASE"
[ -z "${CA:-}" ] || set -- "$@" --secret "id=ca,src=$CA"

echo "image: building ${TAG:-pisar-transcriber} with $builder"
if [ "$builder" = buildah ]; then
  # chroot: works for root without a daemon; such isolation is enough for a build of our own files.
  exec buildah --storage-driver vfs bud --isolation chroot --layers "$@" .
fi
exec "$builder" build "$@" .
