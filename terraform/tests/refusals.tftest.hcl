# What is refused: values that can't work, before anything is made, and the cloud's silent no, after.
#
# Each silent no has a state of its own (Terraform 1.11): the next run would find the version that is none.

mock_provider "yandex" {}

variables {
  folder_id          = "b1g0123456789abcdefg"
  telegram_bot_token = "1:made-up"
  transcriber_tag    = "0.1.0"
}

run "a_folder_that_is_none" {
  command = plan

  variables {
    folder_id = "my-folder"
  }

  expect_failures = [var.folder_id]
}

run "a_token_that_is_none" {
  command = plan

  variables {
    telegram_bot_token = "123456"
  }

  expect_failures = [var.telegram_bot_token]
}

run "a_tag_that_moves" {
  command = plan

  variables {
    transcriber_tag = "latest"
  }

  expect_failures = [var.transcriber_tag]
}

run "an_owner_that_is_a_group" {
  command = plan

  variables {
    telegram_owner_ids = [-1001234567890]
  }

  expect_failures = [var.telegram_owner_ids]
}

run "everyone_and_somebody" {
  command = plan

  variables {
    telegram_allowed_ids = ["*", "123456789"]
  }

  expect_failures = [var.telegram_allowed_ids]
}

run "more_people_than_fit" {
  command = plan

  variables {
    telegram_allowed_ids = [for id in range(61) : tostring(id)]
  }

  expect_failures = [var.telegram_allowed_ids]
}

run "half_a_day" {
  command = plan

  variables {
    keep_days = 0.5
  }

  expect_failures = [var.keep_days]
}

run "five_cores" {
  command = plan

  variables {
    transcriber_cores = 5
  }

  expect_failures = [var.transcriber_cores]
}

run "less_than_nobody_is_ready" {
  command = plan

  variables {
    warm_transcribers = -1
  }

  expect_failures = [var.warm_transcribers]
}

run "an_origin_with_a_path" {
  command = plan

  variables {
    upload_origins = ["https://app.example.org/upload"]
  }

  expect_failures = [var.upload_origins]
}

run "an_origin_of_callers_with_a_slash" {
  command = plan

  variables {
    cors_origins = ["https://app.example.org/"]
  }

  expect_failures = [var.cors_origins]
}

run "a_domain_with_a_scheme" {
  command = plan

  variables {
    domain = { name = "https://voice.example.org", certificate_id = "fpq0123456789abcdefg" }
  }

  expect_failures = [var.domain]
}

run "logs_for_ever" {
  command = plan

  variables {
    log_hours = 721
  }

  expect_failures = [var.log_hours]
}

run "a_setting_of_somebody_else" {
  command = plan

  variables {
    settings = { AWS_REGION = "ru-central1" }
  }

  expect_failures = [var.settings]
}

run "a_secret_among_the_settings" {
  command = plan

  variables {
    settings = { TELEGRAM_WEBHOOK_SECRET = "made-up" }
  }

  expect_failures = [var.settings]
}

run "settings_larger_than_an_environment" {
  command = plan

  variables {
    settings = { PISAR_PROMPT = join("", [for _ in range(1000) : "да"]) }
  }

  expect_failures = [var.settings]
}

run "an_environment_larger_than_the_cloud_takes" {
  variables {
    telegram_allowed_ids = [for id in range(60) : format("%060d", id)]
  }

  expect_failures = [yandex_function.webhook]
}

run "a_refused_version_of_a_function" {
  state_key = "a_refused_version_of_a_function"

  override_resource {
    target = yandex_function.webhook
    values = { version = "" }
  }

  expect_failures = [yandex_function.webhook]
}

run "a_refused_revision_of_the_container" {
  state_key = "a_refused_revision_of_the_container"

  override_resource {
    target = yandex_serverless_container.transcriber
    values = { revision_id = "" }
  }

  expect_failures = [yandex_serverless_container.transcriber]
}

run "a_gateway_without_a_domain" {
  state_key = "a_gateway_without_a_domain"

  override_resource {
    target = yandex_api_gateway.pisar
    values = { domain = "" }
  }

  expect_failures = [yandex_api_gateway.pisar]
}
