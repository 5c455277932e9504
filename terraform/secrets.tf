# Who the deployables are, and what they may know: an account, a key of Object Storage and Message Queue, and Lockbox secrets for each.
#
# Lockbox takes the keys from IAM itself and makes the webhook's secret itself, so neither is in the state; of the bot's token a hash is.

locals {
  deployables = toset(["authorizer", "callbacks", "dead_letters", "jobs", "transcriber", "uploads", "webhook"])
  key_holders = setunion(local.deployables, ["owner"]) # the owner's own account is for the commands of `pisar`
  members     = { for name, account in yandex_iam_service_account.deployable : name => "serviceAccount:${account.id}" }
  bot_holders = toset(["dead_letters", "transcriber", "webhook"])

  # By environment variable: where a deployable's secrets lie.
  key_secrets = { for name in local.key_holders : name => {
    AWS_ACCESS_KEY_ID = {
      id         = yandex_lockbox_secret.keys[name].id
      version_id = yandex_iam_service_account_static_access_key.deployable[name].output_to_lockbox_version_id
      key        = "access_key_id"
    }
    AWS_SECRET_ACCESS_KEY = {
      id         = yandex_lockbox_secret.keys[name].id
      version_id = yandex_iam_service_account_static_access_key.deployable[name].output_to_lockbox_version_id
      key        = "secret_access_key"
    }
  } }
  bot_token_secret = {
    TELEGRAM_BOT_TOKEN = {
      id         = yandex_lockbox_secret.bot_token.id
      version_id = yandex_lockbox_secret_version_hashed.bot_token.id
      key        = "bot_token"
    }
  }
  webhook_secret = {
    TELEGRAM_WEBHOOK_SECRET = {
      id         = yandex_lockbox_secret.webhook_secret.id
      version_id = yandex_lockbox_secret_version.webhook_secret.id
      key        = "webhook_secret"
    }
  }
}

resource "yandex_iam_service_account" "deployable" {
  for_each = local.key_holders

  name      = "pisar-${replace(each.key, "_", "-")}"
  folder_id = var.folder_id
}

resource "yandex_lockbox_secret" "keys" {
  for_each = local.key_holders

  name        = "pisar-${replace(each.key, "_", "-")}-keys"
  description = "Key of Object Storage and Message Queue, for ${each.key} alone."
  folder_id   = var.folder_id
}

resource "yandex_iam_service_account_static_access_key" "deployable" {
  for_each = local.key_holders

  service_account_id = yandex_iam_service_account.deployable[each.key].id
  description        = "For boto3 in ${each.key}."

  output_to_lockbox {
    secret_id            = yandex_lockbox_secret.keys[each.key].id
    entry_for_access_key = "access_key_id"
    entry_for_secret_key = "secret_access_key"
  }
}

# A version of a function or a container is refused while its account can't read its secrets, and roles take seconds to act.
resource "yandex_lockbox_secret_iam_member" "keys" {
  for_each = local.deployables

  secret_id   = yandex_lockbox_secret.keys[each.key].id
  role        = "lockbox.payloadViewer"
  member      = local.members[each.key]
  sleep_after = 30
}

resource "yandex_lockbox_secret" "bot_token" {
  name        = "pisar-bot-token"
  description = "The bot's token from @BotFather."
  folder_id   = var.folder_id
}

resource "yandex_lockbox_secret_version_hashed" "bot_token" {
  secret_id    = yandex_lockbox_secret.bot_token.id
  key_1        = "bot_token"
  text_value_1 = var.telegram_bot_token

  # Functions are at work with the old version until they have the new one.
  lifecycle {
    create_before_destroy = true
  }
}

resource "yandex_lockbox_secret_iam_member" "bot_token" {
  for_each = local.bot_holders

  secret_id   = yandex_lockbox_secret.bot_token.id
  role        = "lockbox.payloadViewer"
  member      = local.members[each.key]
  sleep_after = 30
}

# Telegram takes letters, digits, _ and - in the secret it shows.
resource "yandex_lockbox_secret" "webhook_secret" {
  name        = "pisar-webhook-secret"
  description = "What Telegram shows the webhook; made by Lockbox."
  folder_id   = var.folder_id

  password_payload_specification {
    password_key        = "webhook_secret"
    length              = 48
    include_punctuation = false
  }
}

resource "yandex_lockbox_secret_version" "webhook_secret" {
  secret_id = yandex_lockbox_secret.webhook_secret.id

  lifecycle {
    create_before_destroy = true
  }
}

resource "yandex_lockbox_secret_iam_member" "webhook_secret" {
  secret_id   = yandex_lockbox_secret.webhook_secret.id
  role        = "lockbox.payloadViewer"
  member      = local.members["webhook"]
  sleep_after = 30
}
