# One of each type in the schema file, so that a mistake in it shows.
terraform {
  required_providers {
    aws          = { source = "hashicorp/aws" }
    azuread      = { source = "hashicorp/azuread" }
    azurerm      = { source = "hashicorp/azurerm" }
    google       = { source = "hashicorp/google" }
    jumpcloud    = { source = "example/jumpcloud" }
    kubernetes   = { source = "hashicorp/kubernetes" }
    launchdarkly = { source = "launchdarkly/launchdarkly" }
    vault        = { source = "hashicorp/vault" }
  }
}

provider "azurerm" {
  features {}
}

data "azurerm_client_config" "me" {}

resource "azurerm_resource_group" "main" {
  name     = "main"
  location = "westeurope"
}

resource "azurerm_dns_zone" "main" {
  name                = "example.io"
  resource_group_name = azurerm_resource_group.main.name
}

resource "azurerm_dns_txt_record" "main" {
  name                = "text"
  zone_name           = azurerm_dns_zone.main.name
  resource_group_name = azurerm_resource_group.main.name
  ttl                 = 300
  record {
    value = "one"
  }
  record {
    value = "two"
  }
}

resource "azurerm_dns_a_record" "main" {
  name                = "www"
  zone_name           = azurerm_dns_zone.main.name
  resource_group_name = azurerm_resource_group.main.name
  ttl                 = 300
  records             = ["192.0.2.1"]
}

resource "azurerm_kubernetes_cluster" "main" {
  name                      = "main"
  location                  = azurerm_resource_group.main.location
  resource_group_name       = azurerm_resource_group.main.name
  dns_prefix                = "main"
  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  default_node_pool {
    name       = "default"
    node_count = 3
  }
  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_user_assigned_identity" "app" {
  name                = "app"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

resource "azurerm_federated_identity_credential" "app" {
  name                = "app"
  resource_group_name = azurerm_resource_group.main.name
  parent_id           = azurerm_user_assigned_identity.app.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.main.oidc_issuer_url
  subject             = "system:serviceaccount:prod:app"
}

data "azurerm_user_assigned_identity" "app" {
  name                = azurerm_user_assigned_identity.app.name
  resource_group_name = azurerm_resource_group.main.name
}

output "same" {
  value = data.azurerm_user_assigned_identity.app.client_id == azurerm_user_assigned_identity.app.client_id
}

resource "azurerm_role_definition" "records" {
  name  = "records"
  scope = azurerm_resource_group.main.id
  permissions {
    actions = ["Microsoft.Network/dnsZones/TXT/*"]
  }
}

resource "azurerm_role_assignment" "builtin" {
  scope                = azurerm_resource_group.main.id
  role_definition_name = "Reader"
  principal_id         = azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id
}

resource "azurerm_role_assignment" "custom" {
  scope              = azurerm_dns_zone.main.id
  role_definition_id = azurerm_role_definition.records.role_definition_resource_id
  principal_id       = azuread_group.team.object_id
  principal_type     = "Group"
}

resource "azurerm_key_vault" "main" {
  name                      = "main-vault"
  location                  = azurerm_resource_group.main.location
  resource_group_name       = azurerm_resource_group.main.name
  sku_name                  = "standard"
  tenant_id                 = data.azurerm_client_config.me.tenant_id
  enable_rbac_authorization = true
}

resource "azurerm_key_vault_secret" "ci" {
  name         = "ci"
  key_vault_id = azurerm_key_vault.main.id
  value        = azuread_application_password.ci.value
}

resource "azurerm_storage_account" "main" {
  name                     = "mainstore"
  location                 = azurerm_resource_group.main.location
  resource_group_name      = azurerm_resource_group.main.name
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_linux_function_app" "main" {
  name                       = "main"
  location                   = azurerm_resource_group.main.location
  resource_group_name        = azurerm_resource_group.main.name
  service_plan_id            = "${azurerm_resource_group.main.id}/providers/Microsoft.Web/serverFarms/main"
  storage_account_name       = azurerm_storage_account.main.name
  storage_account_access_key = azurerm_storage_account.main.primary_access_key
  site_config {}
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.app.id]
  }
}

resource "azuread_application" "ci" {
  display_name = "ci"
}

resource "azuread_service_principal" "ci" {
  client_id = azuread_application.ci.client_id
}

resource "azuread_application_password" "ci" {
  application_id = azuread_application.ci.id
}

resource "azuread_application_federated_identity_credential" "ci" {
  application_id = azuread_application.ci.id
  display_name   = "ci"
  audiences      = ["api://AzureADTokenExchange"]
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:example/app:ref:refs/heads/main"
}

resource "azuread_group" "team" {
  display_name     = "team"
  security_enabled = true
}

resource "azuread_group_member" "ci" {
  group_object_id  = azuread_group.team.object_id
  member_object_id = azuread_service_principal.ci.object_id
}

resource "kubernetes_namespace" "prod" {
  metadata {
    name = "prod"
  }
}

resource "kubernetes_namespace_v1" "tools" {
  metadata {
    name = "tools"
  }
}

resource "kubernetes_service_account" "app" {
  metadata {
    name        = "app"
    namespace   = kubernetes_namespace.prod.metadata[0].name
    annotations = { "azure.workload.identity/client-id" = azurerm_user_assigned_identity.app.client_id }
  }
}

resource "kubernetes_service_account_v1" "tools" {
  metadata {
    name      = "tools"
    namespace = kubernetes_namespace_v1.tools.metadata[0].name
  }
}

resource "kubernetes_secret" "app" {
  metadata {
    name      = "app"
    namespace = "prod"
  }
  data = { password = "hunter2" }
}

resource "kubernetes_secret_v1" "tools" {
  metadata {
    name      = "tools"
    namespace = "tools"
  }
}

resource "kubernetes_deployment" "app" {
  metadata {
    name      = "app"
    namespace = "prod"
  }
  spec {
    replicas = "2"
    selector {
      match_labels = { app = "app" }
    }
    template {
      metadata {
        labels = { app = "app" }
      }
      spec {
        service_account_name = kubernetes_service_account.app.metadata[0].name
        container {
          name  = "app"
          image = "example.io/app:1"
          env {
            name = "PASSWORD"
            value_from {
              secret_key_ref {
                name = kubernetes_secret.app.metadata[0].name
                key  = "password"
              }
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_deployment_v1" "tools" {
  metadata {
    name      = "tools"
    namespace = "tools"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name = "tools"
        }
      }
    }
  }
}

resource "kubernetes_ingress_v1" "app" {
  metadata {
    name      = "app"
    namespace = "prod"
  }
  spec {
    ingress_class_name = "nginx"
    rule {
      host = "example.io"
      http {
        path {
          path = "/"
          backend {
            service {
              name = "app"
              port {
                number = 80
              }
            }
          }
        }
      }
    }
    tls {
      hosts       = ["example.io"]
      secret_name = "app-tls"
    }
  }
}

resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = aws_iam_role.app.arn
  vpc_config {
    subnet_ids = ["subnet-00000000000000001"]
  }
}

resource "aws_iam_openid_connect_provider" "main" {
  url            = aws_eks_cluster.main.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_route53_zone" "main" {
  name = "example.io"
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
  inline_policy {
    name   = "zone"
    policy = jsonencode({ Version = "2012-10-17", Statement = [] })
  }
}

resource "aws_iam_policy" "app" {
  name   = "app"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "app" {
  name   = "zones"
  role   = aws_iam_role.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.app.arn
}

resource "google_project" "main" {
  project_id = "example-main"
  name       = "main"
  org_id     = "123456789012"
}

resource "google_service_account" "app" {
  account_id = "app"
  project    = google_project.main.project_id
}

resource "google_service_account_key" "app" {
  service_account_id = google_service_account.app.name
}

resource "google_project_iam_member" "app" {
  project = google_project.main.project_id
  role    = "roles/viewer"
  member  = google_service_account.app.member
  condition {
    title      = "for now"
    expression = "request.time < timestamp(\"2030-01-01T00:00:00Z\")"
  }
}

resource "google_project_iam_binding" "app" {
  project = google_project.main.project_id
  role    = "roles/dns.admin"
  members = [google_service_account.app.member]
}

resource "google_service_account_iam_member" "app" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${google_project.main.project_id}.svc.id.goog[prod/app]"
}

resource "google_dns_managed_zone" "main" {
  name     = "main"
  dns_name = "example.io."
  project  = google_project.main.project_id
}

resource "google_container_cluster" "main" {
  name     = "main"
  location = "europe-west1"
  project  = google_project.main.project_id
  workload_identity_config {
    workload_pool = "${google_project.main.project_id}.svc.id.goog"
  }
}

resource "google_cloud_run_v2_service" "main" {
  name     = "main"
  location = "europe-west1"
  project  = google_project.main.project_id
  template {
    service_account = google_service_account.app.email
    containers {
      image = "example.io/main:1"
    }
  }
}

resource "vault_mount" "database" {
  path                  = "database"
  type                  = "database"
  max_lease_ttl_seconds = 86400
}

resource "vault_auth_backend" "kubernetes" {
  type = "kubernetes"
  tune {
    max_lease_ttl = "90000s"
  }
}

resource "vault_token_auth_backend_role" "system" {
  role_name    = "system"
  token_period = 86400
}

resource "vault_kubernetes_auth_backend_role" "app" {
  backend                          = vault_auth_backend.kubernetes.path
  role_name                        = "app"
  bound_service_account_names      = ["app"]
  bound_service_account_namespaces = ["main"]
}

resource "vault_database_secret_backend_role" "app" {
  backend             = vault_mount.database.path
  name                = "app"
  db_name             = "main"
  creation_statements = ["CREATE ROLE \"{{name}}\""]
  default_ttl         = 3600
}

resource "aws_iam_server_certificate" "every" {
  name             = "every"
  certificate_body = "public"
  private_key      = "private"
}

resource "aws_acm_certificate" "every" {
  domain_name       = "*.example.io"
  validation_method = "DNS"
}

resource "aws_route53_record" "every" {
  zone_id = aws_route53_zone.main.zone_id
  name    = tolist(aws_acm_certificate.every.domain_validation_options)[0].resource_record_name
  type    = "CNAME"
  ttl     = 300
  records = [tolist(aws_acm_certificate.every.domain_validation_options)[0].resource_record_value]
}

resource "aws_lb" "every" {
  name     = "every"
  internal = true
}

resource "aws_lb_target_group" "every" {
  name = "every"
  port = 8443
}

resource "aws_lb_listener" "every" {
  load_balancer_arn = aws_lb.every.arn
  port              = 443
  certificate_arn   = aws_iam_server_certificate.every.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.every.arn
  }
}

resource "aws_ecs_service" "every" {
  name            = "every"
  task_definition = "every:1"

  load_balancer {
    target_group_arn = aws_lb_target_group.every.arn
    container_name   = "every"
    container_port   = 8443
  }
}

resource "launchdarkly_feature_flag" "main" {
  project_key    = "shop"
  key            = "new-login"
  name           = "New login"
  variation_type = "boolean"
}

resource "launchdarkly_feature_flag_environment" "main" {
  flag_id       = launchdarkly_feature_flag.main.id
  env_key       = "production"
  off_variation = 1
  fallthrough {
    variation = 0
  }
}

resource "jumpcloud_mdm_device" "main" {
  serial_number = "C02EX00001"
  platform      = "macOS"
  udid          = "27B70B0F-5E0D-4B1C-8A5E-0D8E6D0D5E0F"
}
