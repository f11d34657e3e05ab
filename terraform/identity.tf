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

  name         = "${var.prefix}-identity"
  display_name = "Reelgate: password sign-in"

  restrictions {
    api_targets {
      service = "identitytoolkit.googleapis.com"
    }
    api_targets { # refreshing a token
      service = "securetoken.googleapis.com"
    }
  }

  depends_on = [time_sleep.apis]
}
