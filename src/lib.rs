//! mainstay: what a Terraform plan would bring down, and on which day.
