# One bucket; the queues of jobs and of callbacks, each with its dead letters; a queue for the events of each watched folder.

locals {
  work_queues = {
    jobs      = var.visibility_timeout_seconds
    callbacks = var.callback_visibility_timeout_seconds
  }
}

resource "aws_s3_bucket" "pisar" {
  bucket        = var.name
  force_destroy = true # a laptop's cloud is thrown away with all that is in it
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = local.work_queues

  name                       = "${var.name}-${each.key}-dead-letters"
  visibility_timeout_seconds = each.value
}

resource "aws_sqs_queue" "work" {
  for_each = local.work_queues

  name                       = "${var.name}-${each.key}"
  visibility_timeout_seconds = each.value
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = var.max_deliveries
  })
}

resource "aws_sqs_queue" "events" {
  for_each = var.watched_folders

  name = "${var.name}-${each.key}-events"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:*:*:${var.name}-${each.key}-events"
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.pisar.arn } }
    }]
  })
}

# A bucket has one such configuration: all its notifications stand in it.
resource "aws_s3_bucket_notification" "pisar" {
  bucket = aws_s3_bucket.pisar.id

  dynamic "queue" {
    for_each = aws_sqs_queue.events

    content {
      id            = queue.key
      queue_arn     = queue.value.arn
      events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
      filter_prefix = "${queue.key}/"
    }
  }
}
