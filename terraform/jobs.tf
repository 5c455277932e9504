# The API's door for all that needs no engine.

locals {
  jobs_environment = merge(var.settings, local.common_environment, {
    PISAR_QUEUE_URL            = yandex_message_queue.jobs.id
    PISAR_CALLBACK_QUEUE_URL   = yandex_message_queue.callbacks.id
    PISAR_INTAKE_LEASE_SECONDS = tostring(local.intake_lease_seconds)
    PISAR_KEEP_DAYS            = tostring(var.keep_days)
  })
}

resource "yandex_storage_object" "jobs" {
  bucket      = yandex_storage_bucket.code.bucket
  key         = "jobs.zip"
  source      = "${var.artifacts}/jobs.zip"
  source_hash = filesha256("${var.artifacts}/jobs.zip")
}

resource "yandex_function" "jobs" {
  name               = "pisar-jobs"
  description        = "The API's jobs, models and description."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["jobs"].id
  runtime            = "python312"
  entrypoint         = "main.handler"
  memory             = 512
  execution_timeout  = tostring(local.function_timeout_seconds)
  environment        = local.jobs_environment
  user_hash          = filesha256("${var.artifacts}/jobs.zip")

  package {
    bucket_name = yandex_storage_object.jobs.bucket
    object_name = yandex_storage_object.jobs.key
    sha_256     = filesha256("${var.artifacts}/jobs.zip")
  }

  dynamic "secrets" {
    for_each = local.key_secrets["jobs"]

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
      condition     = length(join("", concat(keys(local.jobs_environment), values(local.jobs_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a version.
    postcondition {
      condition     = self.version != ""
      error_message = "The cloud refused this version of the function: see the warning above."
    }
  }
}

resource "yandex_function_iam_member" "jobs" {
  function_id = yandex_function.jobs.id
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.gateway.id}"
  sleep_after = 15
}
