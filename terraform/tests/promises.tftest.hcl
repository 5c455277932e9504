# What a deployment promises, planned and applied by Terraform with a provider that only pretends: nothing here meets the cloud.
#
# `terraform test` wants the functions' archives in ../dist (`make package`), or TF_VAR_artifacts.

mock_provider "yandex" {}

variables {
  folder_id          = "b1g0123456789abcdefg"
  telegram_bot_token = "1:made-up"
  transcriber_tag    = "0.1.0"
}

run "times_grow" {
  command = plan

  assert {
    condition     = tonumber(trimsuffix(yandex_serverless_container.transcriber.execution_timeout, "s")) < 600
    error_message = "The cloud ends a container's call after 10 minutes: the container's own end must come first."
  }

  assert {
    condition = (
      tonumber(trimsuffix(yandex_serverless_container.transcriber.execution_timeout, "s")) < tonumber(yandex_serverless_container.transcriber.image[0].environment.PISAR_LEASE_SECONDS)
      && tonumber(yandex_serverless_container.transcriber.image[0].environment.PISAR_LEASE_SECONDS) < yandex_message_queue.jobs.visibility_timeout_seconds
    )
    error_message = "The container's timeout < a worker's lease < the job queue's visibility timeout: else two workers have one job."
  }

  assert {
    condition     = yandex_message_queue.job_dead_letters.visibility_timeout_seconds > tonumber(yandex_function.dead_letters.execution_timeout)
    error_message = "A dead letter must not come again while the function is at work on it."
  }

  assert {
    condition     = yandex_message_queue.callbacks.visibility_timeout_seconds > tonumber(yandex_function.callbacks.execution_timeout)
    error_message = "An announcement must not come again while the function is at work on it."
  }

  assert {
    condition = alltrue([
      for name, function in { jobs = yandex_function.jobs, uploads = yandex_function.uploads, webhook = yandex_function.webhook } :
      tonumber(function.execution_timeout) < tonumber(function.environment.PISAR_INTAKE_LEASE_SECONDS)
    ])
    error_message = "A function's timeout < the intake's lease: else two of them have one job."
  }

  assert {
    condition     = yandex_message_queue.jobs.message_retention_seconds < yandex_message_queue.job_dead_letters.message_retention_seconds
    error_message = "SQS counts a message's age from its first queue: dead letters must be kept longer than jobs."
  }
}

run "failed_messages_are_kept" {
  assert {
    condition     = jsondecode(yandex_message_queue.jobs.redrive_policy).deadLetterTargetArn == yandex_message_queue.job_dead_letters.arn
    error_message = "A job that fails again and again must go to its dead-letter queue."
  }

  assert {
    condition     = jsondecode(yandex_message_queue.callbacks.redrive_policy).deadLetterTargetArn == yandex_message_queue.callback_dead_letters.arn
    error_message = "A callback that fails again and again must go to its dead-letter queue."
  }

  assert {
    condition     = yandex_function_trigger.dead_letters.message_queue[0].queue_id == yandex_message_queue.job_dead_letters.arn
    error_message = "Somebody must take a job's dead letter and tell the person."
  }

  assert {
    condition = alltrue([
      for trigger in yandex_function_trigger.uploads : trigger.dlq[0].queue_id == yandex_message_queue.upload_dead_letters.arn
    ])
    error_message = "An event of the bucket that no try could hand on must be kept."
  }
}

run "one_recording_has_a_container_to_itself" {
  command = plan

  assert {
    condition     = yandex_serverless_container.transcriber.concurrency == 1
    error_message = "The engine takes all cores: a second recording would halve both and outlive the timeout."
  }

  assert {
    condition     = yandex_function_trigger.transcriber.message_queue[0].batch_size == "1"
    error_message = "A batch is given back as a whole: one bad message would repeat the good ones."
  }
}

run "the_bucket_is_encrypted_closed_and_tidied_up" {
  assert {
    condition = alltrue([
      for rule in one(yandex_storage_bucket.state.server_side_encryption_configuration).rule :
      one(rule.apply_server_side_encryption_by_default).kms_master_key_id == yandex_kms_symmetric_key.bucket.id
    ])
    error_message = "What people say is encrypted with a key of our own."
  }

  assert {
    condition = alltrue(flatten([
      for bucket in [yandex_storage_bucket.state, yandex_storage_bucket.code] :
      [for flags in bucket.anonymous_access_flags : !(flags.read || flags.list || flags.config_read)]
    ]))
    error_message = "No bucket may be open to everyone."
  }

  assert {
    condition = alltrue([
      for prefix in ["audio/", "incoming/", "texts/", "jobs/"] : anytrue([
        for rule in yandex_storage_bucket.state.lifecycle_rule :
        rule.enabled && one(rule.filter).prefix == prefix && try(one(rule.expiration).days, 0) > 0
      ])
    ])
    error_message = "Audio, texts and records must expire by themselves."
  }

  assert {
    condition = alltrue([
      for prefix in ["incoming/", "uploads/"] : anytrue([
        for rule in yandex_storage_bucket.state.lifecycle_rule :
        rule.enabled && one(rule.filter).prefix == prefix && try(rule.abort_incomplete_multipart_upload_days, 0) == 2
      ])
    ])
    error_message = "Parts of an upload that nobody completes must not lie there for ever."
  }

  assert {
    condition = alltrue([
      for rule in yandex_storage_bucket.state.cors_rule :
      rule.allowed_origins == tolist(["*"]) && rule.allowed_methods == tolist(["POST", "PUT"])
    ]) && length(yandex_storage_bucket.state.cors_rule) == 1
    error_message = "A page must be able to send forms and parts to the bucket."
  }

  assert {
    condition = alltrue([
      for rule in yandex_storage_bucket.state.lifecycle_rule :
      one(rule.expiration).days * 86400 > yandex_message_queue.jobs.message_retention_seconds if contains(["audio/", "incoming/"], one(rule.filter).prefix)
    ])
    error_message = "Audio must outlive every message that names it."
  }
}

run "texts_are_kept_as_long_as_asked" {
  command = plan

  variables {
    keep_days = 30
  }

  assert {
    condition = alltrue([
      for rule in yandex_storage_bucket.state.lifecycle_rule :
      one(rule.expiration).days == { "texts/" = 30, "jobs/" = 31, "owned/" = 31 }[one(rule.filter).prefix]
      if contains(["texts/", "jobs/", "owned/"], one(rule.filter).prefix)
    ])
    error_message = "A text is kept keep_days, and its record a day more."
  }

  assert {
    condition     = yandex_function.webhook.environment.PISAR_KEEP_DAYS == "30"
    error_message = "The bot must say what the bucket does."
  }

  assert {
    condition     = yandex_function.webhook.environment.PISAR_PLACE == "yandex-cloud"
    error_message = "The bot must say that it runs on rented servers."
  }
}
