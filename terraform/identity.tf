# Who the users are: Identity Platform of this project, or only the issuers that jwt_issuers names.

resource "google_identity_platform_config" "this" {
  count = local.has_directory ? 1 : 0

  sign_in {
    email {
      enabled           = true
      password_required = true
    }
  }

  # Accounts are made by the function `accounts`, so that they have a name, books and a welcome.
  client {
    permissions {
      disabled_user_signup   = true
      disabled_user_deletion = true
    }
  }

  depends_on = [time_sleep.apis]
}

# The web API key that password sign-in is asked with. It stands in the state and in the function's environment: such keys
# identify a project and are no secrets (Firebase docs, "Learn about using and managing API keys for Firebase"; every web page
# that signs people in shows its own). This one is good for signing in and nothing else, and signing up is closed above.
resource "google_apikeys_key" "identity" {
  count = local.has_directory ? 1 : 0

  name         = "${var.prefix}-identity-${random_id.identity_key[0].hex}"
  display_name = "Reelgate: password sign-in"

  restrictions {
    api_targets {
      service = "identitytoolkit.googleapis.com"
    }
    api_targets { # refreshing a token
      service = "securetoken.googleapis.com"
    }
  }

  lifecycle {
    create_before_destroy = true # people sign in with the old one until `accounts` has the new one
  }

  depends_on = [time_sleep.apis]
}

# Google keeps a deleted key for 30 days, and its name with it: another key, or another deployment, needs another name.
resource "random_id" "identity_key" {
  count = local.has_directory ? 1 : 0

  byte_length = 4
}
