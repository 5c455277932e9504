variable "endpoint" {
  description = "Where S3 and SQS answer, such as http://localhost:4566."
  type        = string

  validation {
    condition     = can(regex("^https?://[^/ ]+$", var.endpoint))
    error_message = "Give http:// or https:// and a host, without a path."
  }
}

variable "region" {
  description = "The region that requests are signed for and the bucket is made in."
  type        = string
  default     = "ru-central1"
}

variable "name" {
  description = "Name of the bucket, and what the queues' names begin with."
  type        = string
  default     = "pisar"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,40}[a-z0-9]$", var.name))
    error_message = "Give 3 to 42 lower-case letters, digits and hyphens."
  }
}

variable "visibility_timeout_seconds" {
  description = "How long a job stays with who has taken it. More than the transcriber's timeout and its lease."
  type        = number
  default     = 660
}

variable "callback_visibility_timeout_seconds" {
  description = "How long an announcement stays with who has taken it. More than a function's timeout."
  type        = number
  default     = 60
}

variable "max_deliveries" {
  description = "How often a message is given before it is a dead letter."
  type        = number
  default     = 5
}

variable "watched_folders" {
  description = "Folders of the bucket whose events are told to a queue each, for the triggers to take."
  type        = set(string)
  default     = ["incoming", "uploads"]
}
