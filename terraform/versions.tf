# Which Terraform and which provider. Who deploys shows a token in YC_TOKEN; README.md has its roles.

terraform {
  required_version = ">= 1.5"

  required_providers {
    yandex = {
      source  = "yandex-cloud/yandex"
      version = ">= 0.222.0, < 1.0"
    }
  }
}

provider "yandex" {
  folder_id = var.folder_id
}
