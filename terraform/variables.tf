# Where things are, how safe, how large, how watched. variables_product.tf has the rules of the product and its users.

variable "project_id" {
  description = "The Google Cloud project for all resources. It must have billing."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be the id of a project, such as my-videos-1: 6 to 30 lower case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Region of functions, buckets and, unless firestore_location says otherwise, the database. It can never be changed. Every project may build in europe-west1, us-central1, us-west2 and australia-southeast1, which also have API Gateway; a new project may not build in every other region."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as europe-west1, not a zone or a multi-region."
  }
}

variable "firestore_location" {
  description = "Location of the database: a region, nam5 or eur3. It can never be changed. Default: the region."
  type        = string
  default     = null

  validation {
    condition     = var.firestore_location == null || can(regex("^(nam5|eur3|[a-z]+-[a-z]+[0-9]+)$", var.firestore_location))
    error_message = "firestore_location must be a region such as europe-west1, nam5 or eur3."
  }
}

variable "prefix" {
  description = "Prefix of the names of functions, topics, accounts and buckets. A project has one database, and therefore one Reelgate."
  type        = string
  default     = "reelgate"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,10}[a-z0-9]$", var.prefix)) && !startswith(var.prefix, "goog")
    error_message = "prefix must be 3 to 12 lower case letters, digits and hyphens, not goog...: service accounts have 30 characters at most."
  }
}

variable "labels" {
  description = "Labels of all resources that support them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels must be lower case letters, digits, _ and -, 63 at most, and their names begin with a letter."
  }
}

variable "cors_origins" {
  description = "Origins of the web pages that may use the API, the signed uploads and the players."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for origin in var.cors_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin)) || can(regex("^http://localhost(:[0-9]+)?$", origin))
    ])
    error_message = "cors_origins must be origins such as https://videos.example.com: https (or http://localhost), no path, no slash at the end."
  }
}

# --- Safety of data ---

variable "deletion_protection" {
  description = "Whether the books, the videos and the audit table are protected from terraform destroy. To destroy them, set false, apply, then destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Whether terraform destroy removes buckets that still contain videos. Millions of objects take hours."
  type        = bool
  default     = false
  nullable    = false
}

variable "soft_delete_days" {
  description = "Days for which an operator can restore removed objects: 0, or 7 to 90. They are billed meanwhile."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "soft_delete_days must be 0, or 7 to 90."
  }
}

variable "point_in_time_recovery" {
  description = "Whether the books can be read as they were at any minute of the last 7 days (billed by stored bytes)."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_days" {
  description = "Days for which the daily backups of the books are kept, 0 to 98: 0 makes none (billed by stored bytes)."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.backup_days >= 0 && var.backup_days <= 98 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days must be 0 to 98, which are 14 weeks."
  }
}

# --- Front door ---

variable "front_door" {
  description = "api_gateway: free while idle, a domain of Google's. load_balancer: a domain of yours, Cloud Armor; about 25 dollars a month."
  type        = string
  default     = "api_gateway"
  nullable    = false

  validation {
    condition     = contains(["api_gateway", "load_balancer"], var.front_door)
    error_message = "front_door must be api_gateway or load_balancer."
  }
}

variable "console" {
  description = "Whether the web console is at the front door's `/`. It is built first: `./emulator.sh clients` (Node 20, npm)."
  type        = bool
  default     = true
  nullable    = false
}

variable "gateway_region" {
  description = "Region of API Gateway, which is not in every region. Default: the region."
  type        = string
  default     = null

  validation {
    condition = var.front_door != "api_gateway" || contains([
      "asia-northeast1", "australia-southeast1", "europe-west1", "europe-west2", "us-central1", "us-east1", "us-east4", "us-west2",
      "us-west3", "us-west4",
    ], coalesce(var.gateway_region, var.region))
    error_message = "API Gateway is not in that region: set gateway_region to one such as europe-west1 or us-central1."
  }
}

variable "api_url" {
  description = "The URL of the API, for links in mails and to posters, and for uploads in the console. Behind a load balancer it is the domain; API Gateway's address is known only after the first apply: set the output api_url then."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null || can(regex("^https://[^/?#]+(/[^?#]*)?$", var.api_url))
    error_message = "api_url must be a URL such as https://reelgate-abc.ew.gateway.dev."
  }
}

variable "domain" {
  description = "Domain of the load balancer, such as api.example.com. Point its A record at the output front_door_address."
  type        = string
  default     = null

  validation {
    condition     = var.front_door != "load_balancer" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is needed with front_door = load_balancer: a domain such as api.example.com."
  }
}

variable "load_balancer_invokers" {
  description = "IAM members that may call the functions behind the load balancer, which is the only way to reach them. If an organisation policy forbids allUsers, name others: their clients send a Google token in X-Serverless-Authorization in addition to their own."
  type        = set(string)
  default     = ["allUsers"]
  nullable    = false

  validation {
    condition = alltrue([
      for member in var.load_balancer_invokers : can(regex("^(allUsers|allAuthenticatedUsers|(domain|group|serviceAccount|user|principal|principalSet):.+)$", member))
    ])
    error_message = "load_balancer_invokers must be IAM members, such as allUsers or domain:example.com."
  }
}

variable "requests_per_minute" {
  description = "Requests per minute that Cloud Armor allows one address (load balancer only)."
  type        = number
  default     = 1200
  nullable    = false

  validation {
    condition     = var.requests_per_minute >= 1 && var.requests_per_minute <= 10000
    error_message = "requests_per_minute must be 1 to 10000."
  }
}

# --- Sizes and watching ---

variable "sizes" {
  description = "Sizes of functions that differ from functions.tf: name to any of memory, cpu, timeout, concurrency, max_instances, min_instances. A new project has 20 CPUs and 40 GiB in a region: no function may have more (cpu times max_instances), and together they use no more at any time."
  type = map(object({
    memory        = optional(string)
    cpu           = optional(string)
    timeout       = optional(number)
    concurrency   = optional(number)
    max_instances = optional(number)
    min_instances = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.sizes), keys(local.functions))) == 0
    error_message = "sizes names a function that there is none of: ${join(", ", keys(local.functions))}."
  }
}

variable "usage_logs" {
  description = "Whether streams are charged with the bytes that were really sent: Cloud Storage logs each download into a bucket of its own (kept 7 days), and the function settle_egress reads the logs. They are written by one of Google's groups, which an organisation policy may have to allow (README)."
  type        = bool
  default     = false
  nullable    = false
}

variable "audit_to_bigquery" {
  description = "Whether the audit log also goes into BigQuery."
  type        = bool
  default     = false
  nullable    = false
}

variable "audit_days_in_bigquery" {
  description = "Days for which BigQuery keeps the audit log; null: for ever."
  type        = number
  default     = null

  validation {
    condition     = var.audit_days_in_bigquery == null || try(var.audit_days_in_bigquery >= 1, false)
    error_message = "audit_days_in_bigquery must be 1 or more."
  }
}

variable "alert_emails" {
  description = "E-mail addresses that are notified of failures (errors, latency, dead letters, an old outbox). If empty, no alert policies are created, because they are billed. A budget notifies the first five, in alphabetical order."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "alert_emails must be e-mail addresses."
  }

  validation { # Cloud Monitoring docs, "Quotas and limits"
    condition     = length(distinct(var.alert_emails)) <= 16
    error_message = "alert_emails must have at most 16 items, the maximum of an alert policy. Use the address of a mailing list."
  }
}

variable "alert_levels" {
  description = "Thresholds of the alerts: share of 5xx answers, p95 of answers in milliseconds, age of undelivered messages and of the outbox in seconds, refusals by quota per hour."
  type = object({
    error_percent   = optional(number, 5)
    latency_ms      = optional(number, 2000)
    backlog_seconds = optional(number, 900)
    outbox_seconds  = optional(number, 1800)
    refusals        = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for level in values(var.alert_levels) : level > 0]) && var.alert_levels.error_percent <= 100
    error_message = "alert_levels must be over 0, and error_percent at most 100."
  }
}

variable "budget" {
  description = "Monthly budget: the billing account and the amount. Exceeding it sends a mail. currency must be the account's (USD if not given). null: no budget."
  type        = object({ billing_account = string, amount = number, currency = optional(string, "USD") })
  default     = null

  validation {
    condition     = var.budget == null || (can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account)) && try(var.budget.amount >= 1, false))
    error_message = "budget needs a billing account such as 012345-6789AB-CDEF01 and an amount of 1 or more."
  }
}
