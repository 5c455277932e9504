#!/bin/sh
# Notes in .env, by their digests, which images of others are here: a tag that is moved changes nothing then. After `docker compose pull`.
set -eu
cd "$(dirname "$0")/.."
sed -n 's/^ *image: ${\([A-Z]*_IMAGE\):-\(.*\)}$/\1 \2/p' compose.yaml | while read -r name image; do
  digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" 2>/dev/null | sed -n 's/.*@/@/p' | head -n 1)
  [ -n "$digest" ] || continue
  sed -i "/^#\{0,1\}$name=/d" .env
  echo "$name=$image$digest" >> .env
done
