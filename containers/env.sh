#!/bin/sh
# Makes .env of .env.example, and fills in every secret that is empty and may be made up. What is there stays.
set -eu
cd "$(dirname "$0")/.."
umask 077
[ -f .env ] || cp .env.example .env
chmod 600 .env
for name in TELEGRAM_WEBHOOK_SECRET AWS_SECRET_ACCESS_KEY BROKER_PASSWORD GRAFANA_PASSWORD; do
  if grep -q "^$name=\$" .env; then
    secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    sed -i "s/^$name=\$/$name=$secret/" .env
  fi
done
if grep -q '^TELEGRAM_BOT_TOKEN=$' .env; then echo "env: write TELEGRAM_BOT_TOKEN and TELEGRAM_OWNER_IDS into .env" >&2; fi
