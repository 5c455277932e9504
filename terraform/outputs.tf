# Where things are, and what to do next. No secret is among them: the commands fetch each from Lockbox.

locals {
  api_url = "https://${var.domain == null ? yandex_api_gateway.pisar.domain : var.domain.name}"
}

output "api_url" {
  description = "The HTTP API."
  value       = local.api_url
}

output "image" {
  description = "Push the transcriber's image here, with a tag of its own."
  value       = "cr.yandex/${yandex_container_repository.transcriber.name}"
}

output "bucket" {
  description = "The bucket; a file dropped under uploads/ is transcribed."
  value       = yandex_storage_bucket.state.bucket
}

output "next_command" {
  description = "Tells Telegram where the updates go. Wants TELEGRAM_BOT_TOKEN; repeat it when the webhook's secret was made anew."
  value = join(" ", [
    "TELEGRAM_WEBHOOK_SECRET=\"$(yc lockbox payload get --id ${yandex_lockbox_secret.webhook_secret.id} --key webhook_secret)\"",
    "TELEGRAM_OWNER_IDS=\"${local.webhook_environment.TELEGRAM_OWNER_IDS}\"",
    "pisar telegram setup --url ${local.api_url}/telegram",
  ])
}

output "owner_environment" {
  description = "What `pisar keys` and `pisar dead-letters` want: run these lines first."
  value = join("\n", concat(
    [for name in sort(keys(local.common_environment)) : "export ${name}=${local.common_environment[name]}"],
    ["export PISAR_QUEUE_URL=${yandex_message_queue.jobs.id}"],
    [
      for name, entry in { AWS_ACCESS_KEY_ID = "access_key_id", AWS_SECRET_ACCESS_KEY = "secret_access_key" } :
      "export ${name}=\"$(yc lockbox payload get --id ${yandex_lockbox_secret.keys["owner"].id} --key ${entry})\""
    ],
  ))
}
