variable "project_id" {
  description = "A project with billing."
  type        = string
}

variable "front_door" {
  description = "api_gateway or load_balancer."
  type        = string
  default     = "load_balancer"
}

variable "domain" {
  description = "Domain of the load balancer."
  type        = string
  default     = "api.example.com"
}

variable "deletion_protection" {
  description = "Whether terraform destroy is refused for books, videos and audit table."
  type        = bool
  default     = true
}

variable "smtp_password" {
  description = "Password for the mail server: TF_VAR_smtp_password."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "webhooks" {
  description = "JSON list of webhook endpoints with their secrets: TF_VAR_webhooks."
  type        = string
  ephemeral   = true
  sensitive   = true
}
