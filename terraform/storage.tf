# The bucket that holds all state, encrypted and tidied up, and the bucket of the functions' archives.

locals {
  # Who reads and who writes. The roles are on this bucket alone; a binding is the only way the provider offers.
  bucket_readers = ["authorizer", "callbacks"]
  bucket_writers = ["dead_letters", "jobs", "owner", "transcriber", "uploads", "webhook"]

  # Objects are erased by whoever is done with them; this is for what is left over. In whole days, and the cloud takes its time, so an
  # object is never erased early. Audio and the line outlive every message of the job queue, records every message of the dead-letter
  # queue, and nothing of a job outlives its record.
  record_days = max(var.keep_days, 14) + 1
  days = {
    "day"       = 1
    "month"     = 31
    "left over" = 2
    "cache"     = 1 + ceil(tonumber(lookup(var.settings, "PISAR_REUSE_HOURS", "24")) / 24)
    "texts"     = var.keep_days
    "records"   = local.record_days
  }
  # prefixes.json is made of the program's own table of prefixes by `make docs`.
  expire_after_days = { for prefix, age in jsondecode(file("${path.module}/prefixes.json")) : prefix => local.days[age] }
}

resource "yandex_kms_symmetric_key" "bucket" {
  name              = "pisar-bucket"
  folder_id         = var.folder_id
  default_algorithm = "AES_256"
  rotation_period   = "8760h"
}

resource "yandex_kms_symmetric_key_iam_member" "bucket_readers" {
  for_each = toset(local.bucket_readers)

  symmetric_key_id = yandex_kms_symmetric_key.bucket.id
  role             = "kms.keys.decrypter"
  member           = local.members[each.key]
}

resource "yandex_kms_symmetric_key_iam_member" "bucket_writers" {
  for_each = toset(local.bucket_writers)

  symmetric_key_id = yandex_kms_symmetric_key.bucket.id
  role             = "kms.keys.encrypterDecrypter"
  member           = local.members[each.key]
}

resource "yandex_storage_bucket" "state" {
  bucket    = "pisar-${var.folder_id}"
  folder_id = var.folder_id

  anonymous_access_flags {
    read        = false
    list        = false
    config_read = false
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        kms_master_key_id = yandex_kms_symmetric_key.bucket.id
        sse_algorithm     = "aws:kms"
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = local.expire_after_days

    content {
      id                                     = trimsuffix(lifecycle_rule.key, "/")
      enabled                                = true
      abort_incomplete_multipart_upload_days = lifecycle_rule.value # a client's upload that was begun and never completed

      filter {
        prefix = lifecycle_rule.key
      }

      expiration {
        days = lifecycle_rule.value
      }
    }
  }

  # A dropped file stays; parts of one that was never completed lie in no listing, and are paid for.
  lifecycle_rule {
    id                                     = "unfinished-drops"
    enabled                                = true
    abort_incomplete_multipart_upload_days = local.days["left over"]

    filter {
      prefix = "uploads/"
    }
  }

  # A job's form is a presigned POST, each part of a larger upload a presigned PUT; browsers ask first whether the bucket lets their page.
  dynamic "cors_rule" {
    for_each = length(var.upload_origins) > 0 ? [var.upload_origins] : []

    content {
      allowed_origins = cors_rule.value
      allowed_methods = ["POST", "PUT"]
      allowed_headers = ["*"]
      max_age_seconds = 3600
    }
  }
}

resource "yandex_storage_bucket_iam_binding" "readers" {
  bucket  = yandex_storage_bucket.state.bucket
  role    = "storage.viewer"
  members = [for name in local.bucket_readers : local.members[name]]
}

resource "yandex_storage_bucket_iam_binding" "writers" {
  bucket  = yandex_storage_bucket.state.bucket
  role    = "storage.editor" # uploader may not delete
  members = [for name in local.bucket_writers : local.members[name]]
}

# Archives are larger than a function takes directly. The deployer alone reads and writes here.
resource "yandex_storage_bucket" "code" {
  # checkov:skip=CKV_YC_3:The archives are public code without a secret; a key would have to be opened to whatever builds the versions.
  bucket        = "pisar-code-${var.folder_id}"
  folder_id     = var.folder_id
  force_destroy = true

  anonymous_access_flags {
    read        = false
    list        = false
    config_read = false
  }
}
