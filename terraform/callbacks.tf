# Clients of the API are told that their jobs have ended.

locals {
  callbacks_environment = merge(var.settings, local.common_environment, {
    PISAR_CALLBACK_QUEUE_URL = yandex_message_queue.callbacks.id
  })
}

resource "yandex_storage_object" "callbacks" {
  bucket      = yandex_storage_bucket.code.bucket
  key         = "callbacks.zip"
  source      = "${var.artifacts}/callbacks.zip"
  source_hash = filesha256("${var.artifacts}/callbacks.zip")
}

resource "yandex_function" "callbacks" {
  name               = "pisar-callbacks"
  description        = "Calls to the clients of the API whose jobs have ended."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["callbacks"].id
  runtime            = "python312"
  entrypoint         = "main.handler"
  memory             = 512
  execution_timeout  = tostring(local.function_timeout_seconds)
  environment        = local.callbacks_environment
  user_hash          = filesha256("${var.artifacts}/callbacks.zip")

  package {
    bucket_name = yandex_storage_object.callbacks.bucket
    object_name = yandex_storage_object.callbacks.key
    sha_256     = filesha256("${var.artifacts}/callbacks.zip")
  }

  dynamic "secrets" {
    for_each = local.key_secrets["callbacks"]

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

  depends_on = [yandex_lockbox_secret_iam_member.keys]

  lifecycle {
    precondition {
      condition     = length(join("", concat(keys(local.callbacks_environment), values(local.callbacks_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a version.
    postcondition {
      condition     = self.version != ""
      error_message = "The cloud refused this version of the function: see the warning above."
    }
  }
}

resource "yandex_function_iam_member" "callbacks" {
  function_id = yandex_function.callbacks.id
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.triggers.id}"
  sleep_after = 15
}

resource "yandex_function_trigger" "callbacks" {
  name        = "pisar-callbacks"
  description = "Announcements go to the function that calls."
  folder_id   = var.folder_id

  message_queue {
    queue_id           = yandex_message_queue.callbacks.arn
    service_account_id = yandex_iam_service_account.triggers.id
    batch_size         = "1"
    batch_cutoff       = "1"
  }

  function {
    id                 = yandex_function.callbacks.id
    service_account_id = yandex_iam_service_account.triggers.id
  }

  depends_on = [yandex_function_iam_member.callbacks, yandex_resourcemanager_folder_iam_member.triggers]
}
