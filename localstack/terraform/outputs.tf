output "bucket" {
  description = "The bucket."
  value       = aws_s3_bucket.pisar.id
}

output "work_queue_urls" {
  description = "The queues that somebody works on: jobs and callbacks."
  value       = { for name, queue in aws_sqs_queue.work : name => queue.url }
}

output "dead_letter_queue_urls" {
  description = "Where their messages go that failed too often."
  value       = { for name, queue in aws_sqs_queue.dead_letters : name => queue.url }
}

output "event_queue_urls" {
  description = "The queues that are told of the events of a folder."
  value       = { for folder, queue in aws_sqs_queue.events : folder => queue.url }
}
