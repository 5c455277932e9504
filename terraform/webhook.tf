# Telegram's door: takes updates from the gateway, stores audio, queues jobs.

locals {
  webhook_environment = merge(var.settings, local.common_environment, {
    PISAR_QUEUE_URL            = yandex_message_queue.jobs.id
    PISAR_INTAKE_LEASE_SECONDS = tostring(local.intake_lease_seconds)
    PISAR_KEEP_DAYS            = tostring(var.keep_days)
    PISAR_PLACE                = "yandex-cloud" # so that /privacy says it
    TELEGRAM_ALLOWED_IDS       = join(",", var.telegram_allowed_ids)
    TELEGRAM_OWNER_IDS         = join(",", [for id in var.telegram_owner_ids : format("%d", id)])
  })
}

resource "yandex_storage_object" "webhook" {
  bucket      = yandex_storage_bucket.code.bucket
  key         = "webhook.zip"
  source      = "${var.artifacts}/webhook.zip"
  source_hash = filesha256("${var.artifacts}/webhook.zip")
}

resource "yandex_function" "webhook" {
  name               = "pisar-webhook"
  description        = "Updates from Telegram."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["webhook"].id
  runtime            = "python312"
  entrypoint         = "main.handler"
  memory             = 512
  execution_timeout  = tostring(local.function_timeout_seconds)
  environment        = local.webhook_environment
  user_hash          = filesha256("${var.artifacts}/webhook.zip")

  package {
    bucket_name = yandex_storage_object.webhook.bucket
    object_name = yandex_storage_object.webhook.key
    sha_256     = filesha256("${var.artifacts}/webhook.zip")
  }

  dynamic "secrets" {
    for_each = merge(local.key_secrets["webhook"], local.bot_token_secret, local.webhook_secret)

    content {
      environment_variable = secrets.key
      id                   = secrets.value.id
      version_id           = secrets.value.version_id
      key                  = secrets.value.key
    }
  }

  log_options {
    log_group_id = yandex_logging_group.pisar.id
  }

  depends_on = [
    yandex_lockbox_secret_iam_member.keys,
    yandex_lockbox_secret_iam_member.bot_token,
    yandex_lockbox_secret_iam_member.webhook_secret,
  ]

  lifecycle {
    precondition {
      condition     = length(join("", concat(keys(local.webhook_environment), values(local.webhook_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a version.
    postcondition {
      condition     = self.version != ""
      error_message = "The cloud refused this version of the function: see the warning above."
    }
  }
}

resource "yandex_function_iam_member" "webhook" {
  function_id = yandex_function.webhook.id
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.gateway.id}"
  sleep_after = 15
}
