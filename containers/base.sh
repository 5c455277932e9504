#!/bin/sh
# Prints the name of the image to build on: Debian's own where the registry can be reached, else one made here of Debian's packages.
#
# The one made here has a name of its own, so that it is never taken for the registry's. It is made once; to have it made anew, remove it.
set -eu
cd "$(dirname "$0")/.."

published=docker.io/library/debian:bookworm-slim
made=localhost/pisar-base:bookworm
epoch=1686355200 # Debian 12's day: the same packages give the same image
builder=$(containers/builder.sh)

pull=pull
# Without a policy buildah is content with an image that somebody gave the published name here.
[ "$builder" != buildah ] || { builder="buildah --storage-driver vfs"; pull="pull --policy always"; }
if timeout 120 $builder $pull "$published" >/dev/null 2>&1; then echo "$published"; exit; fi
if [ -n "$($builder images --quiet "$made" 2>/dev/null)" ]; then echo "$made"; exit; fi

echo "image: no registry to have $published from; making $made of Debian's packages" >&2
./setup.sh debian mmdebstrap >&2
folder=$(mktemp -d)
container=
trap '[ -z "$container" ] || $builder rm "$container" >/dev/null; rm -rf "$folder"' EXIT
# As the registry's: no documents, no translations, /usr merged without the package that would merge it by Perl; and nothing of this machine.
SOURCE_DATE_EPOCH=$epoch mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' bookworm "$folder/base.tar" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
case "$builder" in
  buildah*)
    container=$($builder from scratch)
    $builder add -q "$container" "$folder/base.tar" / >/dev/null
    $builder commit -q "$container" "$made" >/dev/null ;;
  *) $builder import "$folder/base.tar" "$made" >/dev/null ;;
esac
echo "$made"
