# The gateway's question, whether an API key may pass.

locals {
  authorizer_environment = merge(var.settings, local.common_environment)
}

resource "yandex_storage_object" "authorizer" {
  bucket      = yandex_storage_bucket.code.bucket
  key         = "authorizer.zip"
  source      = "${var.artifacts}/authorizer.zip"
  source_hash = filesha256("${var.artifacts}/authorizer.zip")
}

resource "yandex_function" "authorizer" {
  name               = "pisar-authorizer"
  description        = "Whether an API key may pass."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["authorizer"].id
  runtime            = "python312"
  entrypoint         = "main.handler"
  memory             = 512
  execution_timeout  = tostring(local.function_timeout_seconds)
  environment        = local.authorizer_environment
  user_hash          = filesha256("${var.artifacts}/authorizer.zip")

  package {
    bucket_name = yandex_storage_object.authorizer.bucket
    object_name = yandex_storage_object.authorizer.key
    sha_256     = filesha256("${var.artifacts}/authorizer.zip")
  }

  dynamic "secrets" {
    for_each = local.key_secrets["authorizer"]

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
      condition     = length(join("", concat(keys(local.authorizer_environment), values(local.authorizer_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a version.
    postcondition {
      condition     = self.version != ""
      error_message = "The cloud refused this version of the function: see the warning above."
    }
  }
}

resource "yandex_function_iam_member" "authorizer" {
  function_id = yandex_function.authorizer.id
  role        = "functions.functionInvoker"
  member      = "serviceAccount:${yandex_iam_service_account.gateway.id}"
  sleep_after = 15
}
