# The bucket's door: what is dropped under uploads/, and what a client lays under incoming/, becomes or feeds a job.

locals {
  uploads_environment = merge(var.settings, local.common_environment, {
    PISAR_QUEUE_URL            = yandex_message_queue.jobs.id
    PISAR_CALLBACK_QUEUE_URL   = yandex_message_queue.callbacks.id
    PISAR_INTAKE_LEASE_SECONDS = tostring(local.intake_lease_seconds)
  })
}

resource "yandex_storage_object" "uploads" {
  bucket      = yandex_storage_bucket.code.bucket
  key         = "uploads.zip"
  source      = "${var.artifacts}/uploads.zip"
  source_hash = filesha256("${var.artifacts}/uploads.zip")
}

resource "yandex_function" "uploads" {
  name               = "pisar-uploads"
  description        = "Files in the bucket become jobs."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["uploads"].id
  runtime            = "python312"
  entrypoint         = "main.handler"
  memory             = 512
  execution_timeout  = tostring(local.function_timeout_seconds)
  environment        = local.uploads_environment
  user_hash          = filesha256("${var.artifacts}/uploads.zip")

  package {
    bucket_name = yandex_storage_object.uploads.bucket
    object_name = yandex_storage_object.uploads.key
    sha_256     = filesha256("${var.artifacts}/uploads.zip")
  }

  dynamic "secrets" {
    for_each = local.key_secrets["uploads"]

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
      condition     = length(join("", concat(keys(local.uploads_environment), values(local.uploads_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a version.
    postcondition {
      condition     = self.version != ""
      error_message = "The cloud refused this version of the function: see the warning above."
    }
  }
}

resource "yandex_function_iam_member" "uploads" {
  function_id = yandex_function.uploads.id
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.triggers.id}"
  sleep_after = 15
}

resource "yandex_function_trigger" "uploads" {
  for_each = toset(["uploads", "incoming"])

  name        = "pisar-${each.key}"
  description = "A file under ${each.key}/ is told to the function."
  folder_id   = var.folder_id

  object_storage {
    bucket_id    = yandex_storage_bucket.state.bucket
    prefix       = "${each.key}/"
    create       = true
    batch_size   = "1"
    batch_cutoff = "1"
  }

  function {
    id                 = yandex_function.uploads.id
    service_account_id = yandex_iam_service_account.triggers.id
    retry_attempts     = "5"
    retry_interval     = "10"
  }

  dlq {
    queue_id           = yandex_message_queue.upload_dead_letters.arn
    service_account_id = yandex_iam_service_account.triggers.id
  }

  depends_on = [yandex_function_iam_member.uploads, yandex_resourcemanager_folder_iam_member.triggers]
}
