# What no worker could do is told to the person, or kept for the owner.

locals {
  dead_letters_environment = merge(var.settings, local.common_environment, {
    PISAR_CALLBACK_QUEUE_URL   = yandex_message_queue.callbacks.id
    PISAR_INTAKE_LEASE_SECONDS = tostring(local.intake_lease_seconds)
    PISAR_QUEUE_URL            = yandex_message_queue.jobs.id
  })
}

resource "yandex_storage_object" "dead_letters" {
  bucket      = yandex_storage_bucket.code.bucket
  key         = "dead_letters.zip"
  source      = "${var.artifacts}/dead_letters.zip"
  source_hash = filesha256("${var.artifacts}/dead_letters.zip")
}

resource "yandex_function" "dead_letters" {
  name               = "pisar-dead-letters"
  description        = "The end of jobs whose deliveries are used up."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["dead_letters"].id
  runtime            = "python312"
  entrypoint         = "main.handler"
  memory             = 512
  execution_timeout  = tostring(local.function_timeout_seconds)
  environment        = local.dead_letters_environment
  user_hash          = filesha256("${var.artifacts}/dead_letters.zip")

  package {
    bucket_name = yandex_storage_object.dead_letters.bucket
    object_name = yandex_storage_object.dead_letters.key
    sha_256     = filesha256("${var.artifacts}/dead_letters.zip")
  }

  dynamic "secrets" {
    for_each = merge(local.key_secrets["dead_letters"], local.bot_token_secret)

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
  ]

  lifecycle {
    precondition {
      condition     = length(join("", concat(keys(local.dead_letters_environment), values(local.dead_letters_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a version.
    postcondition {
      condition     = self.version != ""
      error_message = "The cloud refused this version of the function: see the warning above."
    }
  }
}

resource "yandex_function_iam_member" "dead_letters" {
  function_id = yandex_function.dead_letters.id
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.triggers.id}"
  sleep_after = 15
}

resource "yandex_function_trigger" "dead_letters" {
  name        = "pisar-dead-letters"
  description = "Messages whose deliveries are used up go to the function that ends their jobs."
  folder_id   = var.folder_id

  message_queue {
    queue_id           = yandex_message_queue.job_dead_letters.arn
    service_account_id = yandex_iam_service_account.triggers.id
    batch_size         = "1"
    batch_cutoff       = "1"
  }

  function {
    id                 = yandex_function.dead_letters.id
    service_account_id = yandex_iam_service_account.triggers.id
  }

  depends_on = [yandex_function_iam_member.dead_letters, yandex_resourcemanager_folder_iam_member.triggers]
}
