output "api_url" {
  description = "Where the API is."
  value       = module.reelgate.api_url
}

output "console_url" {
  description = "Where people sign in with a browser."
  value       = module.reelgate.console_url
}

output "front_door_address" {
  description = "Address for the domain's A record."
  value       = module.reelgate.front_door_address
}

output "signers" {
  description = "Accounts that the HMAC keys are made for."
  value       = module.reelgate.signers
}

output "dead_letters" {
  description = "Subscriptions that hold what could not be delivered."
  value       = module.reelgate.dead_letters
}
