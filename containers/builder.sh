#!/bin/sh
# Prints which of docker, podman and buildah works here, or says that none does. BUILDER chooses another.
set -eu
for builder in ${BUILDER:-docker podman buildah}; do
  if "$builder" info >/dev/null 2>&1; then echo "$builder"; exit; fi
done
echo "image: docker, podman or buildah is needed and none works here. Run: sudo apt-get install buildah" >&2
exit 1
