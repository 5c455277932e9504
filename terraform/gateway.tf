# The one door to the outside: openapi.yaml, which the local cloud serves too.

# It calls what openapi.yaml names; each role stands beside what it opens.
resource "yandex_iam_service_account" "gateway" {
  name      = "pisar-gateway"
  folder_id = var.folder_id
}

resource "yandex_api_gateway" "pisar" {
  name              = "pisar"
  description       = "Telegram's updates and the HTTP API."
  folder_id         = var.folder_id
  execution_timeout = "300" # above PISAR_WAIT_SECONDS

  spec = templatefile("${path.module}/openapi.yaml", {
    cors_origin                = length(var.cors_origins) == 0 ? "false" : contains(var.cors_origins, "*") ? "\"*\"" : jsonencode([for origin in var.cors_origins : lower(origin)])
    authorizer_function_id     = yandex_function.authorizer.id
    gateway_service_account_id = yandex_iam_service_account.gateway.id
    jobs_function_id           = yandex_function.jobs.id
    transcriber_container_id   = yandex_serverless_container.transcriber.id
    webhook_function_id        = yandex_function.webhook.id
  })

  dynamic "custom_domains" {
    for_each = var.domain == null ? [] : [var.domain]

    content {
      fqdn           = custom_domains.value.name
      certificate_id = custom_domains.value.certificate_id
    }
  }

  log_options {
    log_group_id = yandex_logging_group.pisar.id
  }

  depends_on = [
    yandex_function_iam_member.authorizer,
    yandex_function_iam_member.jobs,
    yandex_function_iam_member.webhook,
    yandex_serverless_container_iam_member.transcriber,
  ]

  lifecycle {
    postcondition {
      condition     = self.domain != ""
      error_message = "The cloud gave the gateway no domain."
    }
  }
}
