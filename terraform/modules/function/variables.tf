variable "project_id" {
  description = "The project."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the function in Google Cloud."
  type        = string
  nullable    = false
}

variable "entry_point" {
  description = "Name of the folder below functions/ and of the Python function in its main.py."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the function does, for people in the console."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Where it runs."
  type        = string
  nullable    = false
}

variable "repository_root" {
  description = "Folder that holds functions/ and src/reelgate."
  type        = string
  nullable    = false
}

variable "source_bucket" {
  description = "Bucket for the zipped sources."
  type        = string
  nullable    = false
}

variable "build" {
  description = "Service account (id) that builds the image, and the Artifact Registry repository (id) that keeps it."
  type        = object({ service_account = string, repository = string })
  nullable    = false
}

variable "service_account_email" {
  description = "The account that the function runs as."
  type        = string
  nullable    = false
}

variable "resources" {
  description = "Memory, CPUs, seconds, requests at once per instance, and instances."
  type = object({
    memory        = string
    cpu           = string
    timeout       = number
    concurrency   = number
    max_instances = number
    min_instances = number
  })
  nullable = false

  validation {
    condition     = var.resources.concurrency == 1 || tonumber(var.resources.cpu) >= 1
    error_message = "More than one request at a time needs at least one CPU."
  }

  validation {
    condition     = var.resources.timeout <= (var.trigger == null ? 3600 : 540)
    error_message = "A function runs for 3600 seconds at most, one with an event trigger for 540."
  }
}

variable "ingress" {
  description = "Who can reach it over the network; IAM decides beyond that."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["ALLOW_ALL", "ALLOW_INTERNAL_AND_GCLB", "ALLOW_INTERNAL_ONLY"], var.ingress)
    error_message = "ingress must be ALLOW_ALL, ALLOW_INTERNAL_AND_GCLB or ALLOW_INTERNAL_ONLY."
  }
}

variable "env" {
  description = "Environment variables."
  type        = map(string)
  nullable    = false
}

variable "secret_env" {
  description = "Environment variables from Secret Manager: name to secret id and version."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  nullable    = false
}

variable "trigger" {
  description = "For an event function: the bucket whose finalized objects it handles, the bucket's location and the trigger's account."
  type        = object({ bucket = string, location = string, service_account_email = string })
  default     = null
}

variable "invokers" {
  description = "Who may call it: label to IAM member."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "wait_for" {
  description = "Something that must be there before the function is made: its value does not matter."
  type        = string
  default     = null
}
