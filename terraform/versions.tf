terraform {
  required_version = ">= 1.11" # write-only arguments and ephemeral values: secrets never reach the state

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
    google-beta = { # API Gateway and service identities exist only here
      source  = "hashicorp/google-beta"
      version = "~> 8.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7" # ephemeral random_password; random_id
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.12"
    }
  }

  # The state is a file here until you say otherwise. A team keeps it in a bucket with versioning: copy backend.tf.example to
  # backend.tf and name the bucket in `terraform init -backend-config="bucket=..."`.
}
