# The storage and the queues of the local cloud, on any S3 and SQS: moto, LocalStack, Amazon itself.
#
# Keys are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Addressing and checks are those that work everywhere.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

provider "aws" {
  region                      = var.region
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    s3  = var.endpoint
    sqs = var.endpoint
  }
}
