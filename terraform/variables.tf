# What a deployment may choose. Everything but the first three has a default that suits one person.

variable "folder_id" {
  description = "Folder that gets everything, best an empty one of its own."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{20}$", var.folder_id))
    error_message = "A folder id has 20 lower-case letters and digits, such as b1g0123456789abcdefg."
  }
}

variable "telegram_bot_token" {
  description = "The bot's token from @BotFather. Best given as TF_VAR_telegram_bot_token; the state keeps a hash of it."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[0-9]+:[A-Za-z0-9_-]+$", var.telegram_bot_token))
    error_message = "A bot token is a number, a colon, and letters, digits, _ or -."
  }
}

variable "transcriber_tag" {
  description = "Tag of the transcriber's image in the registry made here. Never move a tag: a tag that moved is not deployed."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.transcriber_tag)) && var.transcriber_tag != "latest"
    error_message = "Give a tag of its own to every image, such as a version or a commit; \"latest\" moves."
  }
}

variable "artifacts" {
  description = "Folder with the functions' archives: webhook.zip, jobs.zip and so on."
  type        = string
  default     = "../dist"
}

variable "telegram_owner_ids" {
  description = "Telegram ids of the people who own the bot. Nobody at first: the bot tells each who writes to it their id."
  type        = list(number)
  default     = []

  validation {
    condition     = alltrue([for id in var.telegram_owner_ids : id > 0 && floor(id) == id]) && length(var.telegram_owner_ids) <= 20
    error_message = "Owners are at most 20 people, and a person's id is a whole number above 0."
  }
}

variable "telegram_allowed_ids" {
  description = "Telegram ids of people and groups that may use the bot besides its owners; [\"*\"] for everyone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.telegram_allowed_ids : can(regex("^-?[0-9]+$", id))]) || try(one(var.telegram_allowed_ids) == "*", false)
    error_message = "Give whole numbers (a group's begins with a minus), or \"*\" alone."
  }

  validation {
    condition     = length(var.telegram_allowed_ids) <= 60
    error_message = "At most 60 ids fit into the environment; let the others in by the bot's own /allow."
  }
}

variable "keep_days" {
  description = "How long a transcript is kept, in days; /privacy says it."
  type        = number
  default     = 7

  validation {
    condition     = var.keep_days >= 1 && var.keep_days <= 365 && floor(var.keep_days) == var.keep_days
    error_message = "Give whole days from 1 to 365: the bucket counts no parts of a day."
  }
}

variable "transcriber_cores" {
  description = "Cores of a transcriber, 2 GB of memory for each. The default quota of a zone is 10 cores."
  type        = number
  default     = 2

  validation {
    condition     = contains([1, 2, 3, 4], var.transcriber_cores)
    error_message = "A container has 1, 2, 3 or 4 cores."
  }
}

variable "warm_transcribers" {
  description = "Transcribers that are kept ready, and paid for, though nobody speaks."
  type        = number
  default     = 0

  validation {
    condition     = var.warm_transcribers >= 0 && var.warm_transcribers <= 10 && floor(var.warm_transcribers) == var.warm_transcribers
    error_message = "Give a whole number from 0 to 10."
  }
}

variable "upload_origins" {
  description = "Web pages, such as https://app.example.org, whose visitors may upload recordings. Programs need no entry. Whoever uploads has a signed address from the API, and a browser adds no password or cookie to it; so by default every page may."
  type        = list(string)
  default     = ["*"]

  validation {
    condition     = alltrue([for origin in var.upload_origins : can(regex("^(\\*|https?://[^/ ]+)$", origin))])
    error_message = "An origin is http:// or https:// and a host, without a path; or \"*\"."
  }
}

variable "cors_origins" {
  description = "Web pages of other origins, such as https://app.example.org, that may call the API from browsers; [\"*\"] for all."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^(\\*|https?://[^/?#@ ]+)$", origin))])
    error_message = "An origin is http:// or https:// and a host, without a path; or \"*\"."
  }
}

variable "domain" {
  description = "The API's own name and the id of its certificate in Certificate Manager; null: the gateway's name."
  type        = object({ name = string, certificate_id = string })
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "The name is a host name without https:// and without a path."
  }
}

variable "log_hours" {
  description = "How long logs are kept, in hours."
  type        = number
  default     = 72

  validation {
    condition     = var.log_hours >= 1 && var.log_hours <= 720 && floor(var.log_hours) == var.log_hours
    error_message = "Give whole hours from 1 to 720."
  }
}

variable "settings" {
  description = "More of the settings in docs/settings.md, for every deployable that reads them. What Terraform sets itself stays."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^(PISAR|TELEGRAM)_[A-Z_]+$", name))])
    error_message = "Settings begin with PISAR_ or TELEGRAM_."
  }

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("TOKEN|SECRET", name))])
    error_message = "Secrets are kept in Lockbox: give telegram_bot_token, and leave the webhook's secret to the cloud."
  }

  validation {
    condition     = length(jsonencode(var.settings)) <= 1024
    error_message = "At most 1,024 characters: the cloud gives 4,096 bytes to all names and values of an environment together."
  }
}

# What every deployable gets. Its own values come after `settings` and win.
locals {
  common_environment = {
    AWS_DEFAULT_REGION   = "ru-central1"
    AWS_ENDPOINT_URL_S3  = "https://storage.yandexcloud.net"
    AWS_ENDPOINT_URL_SQS = "https://message-queue.api.cloud.yandex.net"
    PISAR_BUCKET         = yandex_storage_bucket.state.bucket
  }

  # The cloud takes 4,096 bytes of names and values; what Lockbox adds has less than 512.
  environment_bytes = 3584
  too_large         = "The environment is larger than the cloud takes: shorten settings or telegram_allowed_ids."
}
