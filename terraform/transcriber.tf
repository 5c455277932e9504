# The registry with the transcriber's image, the container that listens and writes, and the trigger that brings it jobs.

locals {
  # A core with its 2 GB of memory, with VAT, as in src/pisar/owner/prices.py.
  rub_per_core_hour = 13.27

  transcriber_environment = merge(var.settings, local.common_environment, {
    PISAR_BEHIND_GATEWAY       = "yes"
    PISAR_CALLBACK_QUEUE_URL   = yandex_message_queue.callbacks.id
    PISAR_HOST                 = "0.0.0.0"
    PISAR_INTAKE_LEASE_SECONDS = tostring(local.intake_lease_seconds)
    PISAR_LEASE_SECONDS        = tostring(local.lease_seconds)
    PISAR_MONITORING_FOLDER    = var.folder_id
    PISAR_QUEUE_URL            = yandex_message_queue.jobs.id
    PISAR_RUB_PER_HOUR         = tostring(var.transcriber_cores * local.rub_per_core_hour)
  })
}

resource "yandex_container_registry" "pisar" {
  name      = "pisar"
  folder_id = var.folder_id
}

resource "yandex_container_repository" "transcriber" {
  name = "${yandex_container_registry.pisar.id}/transcriber"
}

resource "yandex_container_repository_iam_binding" "transcriber" {
  repository_id = yandex_container_repository.transcriber.id
  role          = "container-registry.images.puller"
  members       = [local.members["transcriber"]]
  sleep_after   = 30
}

resource "yandex_serverless_container" "transcriber" {
  name               = "pisar-transcriber"
  description        = "Listens and writes."
  folder_id          = var.folder_id
  service_account_id = yandex_iam_service_account.deployable["transcriber"].id
  cores              = var.transcriber_cores
  core_fraction      = 100
  memory             = var.transcriber_cores * 2048
  concurrency        = 1 # the engine uses all cores for one recording
  execution_timeout  = "${local.container_timeout_seconds}s"

  image {
    url         = "cr.yandex/${yandex_container_repository.transcriber.name}:${var.transcriber_tag}"
    environment = local.transcriber_environment
  }

  runtime {
    type = "http"
  }

  dynamic "provision_policy" {
    for_each = var.warm_transcribers > 0 ? [var.warm_transcribers] : []

    content {
      min_instances = provision_policy.value
    }
  }

  dynamic "secrets" {
    for_each = merge(local.key_secrets["transcriber"], local.bot_token_secret)

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
    yandex_container_repository_iam_binding.transcriber,
    yandex_lockbox_secret_iam_member.keys,
    yandex_lockbox_secret_iam_member.bot_token,
  ]

  lifecycle {
    precondition {
      condition     = length(join("", concat(keys(local.transcriber_environment), values(local.transcriber_environment)))) <= local.environment_bytes
      error_message = local.too_large
    }

    # The provider only warns when the cloud refuses a revision.
    postcondition {
      condition     = self.revision_id != ""
      error_message = "The cloud refused this revision of the container: see the warning above. Is the image pushed?"
    }
  }
}

resource "yandex_serverless_container_iam_member" "transcriber" {
  for_each = {
    gateway  = yandex_iam_service_account.gateway.id
    triggers = yandex_iam_service_account.triggers.id
  }

  container_id = yandex_serverless_container.transcriber.id
  role         = "serverless-containers.containerInvoker"
  member       = "serviceAccount:${each.value}"
  sleep_after  = 15
}

# One message a call: a batch is only given back as a whole. What a call could not do comes again after the queue's visibility timeout.
resource "yandex_function_trigger" "transcriber" {
  name        = "pisar-transcriber"
  description = "Jobs go to the container."
  folder_id   = var.folder_id

  message_queue {
    queue_id           = yandex_message_queue.jobs.arn
    service_account_id = yandex_iam_service_account.triggers.id
    batch_size         = "1"
    batch_cutoff       = "1"
  }

  container {
    id                 = yandex_serverless_container.transcriber.id
    path               = "/queue"
    service_account_id = yandex_iam_service_account.triggers.id
  }

  depends_on = [yandex_serverless_container_iam_member.transcriber, yandex_resourcemanager_folder_iam_member.triggers]
}
