# The queue of jobs, the queue of callbacks, the queues for what nobody could do, and the account that calls for the triggers.
#
# Times must grow: a function's timeout < the intake's lease; the container's timeout < a worker's lease < the queue's visibility timeout.

locals {
  function_timeout_seconds  = 55
  intake_lease_seconds      = 60
  container_timeout_seconds = 540
  lease_seconds             = 600

  visibility_seconds          = 660
  callback_visibility_seconds = 60 # above a function's timeout

  # What waits for a worker still has its audio: see expire_after_days in storage.tf.
  job_retention_seconds    = 86400
  letter_retention_seconds = 1209600
  max_deliveries           = 5

  queue_writers = toset(["callbacks", "dead_letters", "jobs", "owner", "transcriber", "uploads", "webhook"])
}

# Message Queue knows no IAM token: who makes the queues signs with a key, and the provider reads that key from the state. It must stay
# as long as the queues, which could not be destroyed without it.
resource "yandex_iam_service_account" "queue_maker" {
  name      = "pisar-queue-maker"
  folder_id = var.folder_id
}

resource "yandex_resourcemanager_folder_iam_member" "queue_maker" {
  folder_id   = var.folder_id
  role        = "ymq.admin"
  member      = "serviceAccount:${yandex_iam_service_account.queue_maker.id}"
  sleep_after = 30
}

resource "yandex_iam_service_account_static_access_key" "queue_maker" {
  service_account_id = yandex_iam_service_account.queue_maker.id
  description        = "For Terraform, which makes the queues."

  depends_on = [yandex_resourcemanager_folder_iam_member.queue_maker]
}

# Roles on one queue don't exist: this one is for all queues of the folder.
resource "yandex_resourcemanager_folder_iam_member" "queue_writers" {
  for_each = local.queue_writers

  folder_id = var.folder_id
  role      = "ymq.writer"
  member    = local.members[each.key]
}

resource "yandex_message_queue" "jobs" {
  name                       = "pisar-jobs"
  visibility_timeout_seconds = local.visibility_seconds
  message_retention_seconds  = local.job_retention_seconds
  receive_wait_time_seconds  = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = yandex_message_queue.job_dead_letters.arn
    maxReceiveCount     = local.max_deliveries
  })

  access_key = yandex_iam_service_account_static_access_key.queue_maker.access_key
  secret_key = yandex_iam_service_account_static_access_key.queue_maker.secret_key

  depends_on = [yandex_resourcemanager_folder_iam_member.queue_maker]
}

resource "yandex_message_queue" "job_dead_letters" {
  name                       = "pisar-jobs-dead-letters"
  visibility_timeout_seconds = local.visibility_seconds # who ends a job waits for its lease as a worker does
  message_retention_seconds  = local.letter_retention_seconds

  access_key = yandex_iam_service_account_static_access_key.queue_maker.access_key
  secret_key = yandex_iam_service_account_static_access_key.queue_maker.secret_key

  depends_on = [yandex_resourcemanager_folder_iam_member.queue_maker]
}

resource "yandex_message_queue" "callbacks" {
  name                       = "pisar-callbacks"
  visibility_timeout_seconds = local.callback_visibility_seconds
  receive_wait_time_seconds  = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = yandex_message_queue.callback_dead_letters.arn
    maxReceiveCount     = local.max_deliveries
  })

  access_key = yandex_iam_service_account_static_access_key.queue_maker.access_key
  secret_key = yandex_iam_service_account_static_access_key.queue_maker.secret_key

  depends_on = [yandex_resourcemanager_folder_iam_member.queue_maker]
}

# Nothing empties this one: what lies here is for the owner to see.
resource "yandex_message_queue" "callback_dead_letters" {
  name                       = "pisar-callbacks-dead-letters"
  visibility_timeout_seconds = local.callback_visibility_seconds
  message_retention_seconds  = local.letter_retention_seconds

  access_key = yandex_iam_service_account_static_access_key.queue_maker.access_key
  secret_key = yandex_iam_service_account_static_access_key.queue_maker.secret_key

  depends_on = [yandex_resourcemanager_folder_iam_member.queue_maker]
}

# Nor this one: events of the bucket that no try could hand on.
resource "yandex_message_queue" "upload_dead_letters" {
  name                      = "pisar-uploads-dead-letters"
  message_retention_seconds = local.letter_retention_seconds

  access_key = yandex_iam_service_account_static_access_key.queue_maker.access_key
  secret_key = yandex_iam_service_account_static_access_key.queue_maker.secret_key

  depends_on = [yandex_resourcemanager_folder_iam_member.queue_maker]
}

# The triggers read the queues, call what they are for, and write down what could not be handed on.
resource "yandex_iam_service_account" "triggers" {
  name      = "pisar-triggers"
  folder_id = var.folder_id
}

resource "yandex_resourcemanager_folder_iam_member" "triggers" {
  for_each = toset(["ymq.reader", "ymq.writer"])

  folder_id   = var.folder_id
  role        = each.key
  member      = "serviceAccount:${yandex_iam_service_account.triggers.id}"
  sleep_after = 30
}
