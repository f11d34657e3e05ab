variable "project_id" {
  description = "An empty project with billing."
  type        = string
}

variable "front_door" {
  description = "api_gateway or load_balancer."
  type        = string
  default     = "api_gateway"
}

variable "domain" {
  description = "Domain of the load balancer."
  type        = string
  default     = null
}
