//! A Terraform provider for the tests: real type names, real Terraform, no cloud.
//!
//! Terraform starts it as `terraform-provider-azurerm_v4.20.0_x5` and talks to it as to any provider; which
//! provider it plays is told by that name. Types come from the file in `STANDIN_SCHEMA`, objects live in the
//! folder `STANDIN_CLOUD`, `STANDIN_FAIL` and `STANDIN_SLOW` make trouble. It is a stand-in: it does not check
//! values, normalise spellings or invent drift as real providers do.
//!
//! It speaks without TLS, so Terraform needs `TF_DISABLE_PLUGIN_TLS=1`.
#![allow(
    clippy::exit,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a plugin shakes hands on standard output, is configured by its environment, and goes when told"
)]

mod cloud;
mod faults;
mod proto;
mod provider;
mod schema;
mod serve;
mod shape;
mod template;
mod value;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What Terraform sets so that nobody starts a plugin by hand and wonders.
const MAGIC_COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("standin-provider: {e}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), String> {
    if std::env::var("TF_PLUGIN_MAGIC_COOKIE").as_deref() != Ok(MAGIC_COOKIE) {
        return Err("this is a plugin, and Terraform starts it".to_string());
    }
    let program = std::env::args().next().unwrap_or_default();
    let name = played_by(&program).ok_or_else(|| format!("{program:?} is no name of a provider"))?;
    let file = variable("STANDIN_SCHEMA")?;
    let bytes = std::fs::read(&file).map_err(|e| format!("{file}: {e}"))?;
    let provider = provider::Provider {
        schema: schema::Provider::parse(&bytes, name).map_err(|e| format!("{file}: {e}"))?,
        cloud: cloud::Cloud::open(variable("STANDIN_CLOUD")?.into())?,
        faults: faults::Faults::parse(
            &variable("STANDIN_FAIL").unwrap_or_default(),
            &variable("STANDIN_SLOW").unwrap_or_default(),
        )?,
    };
    let folder =
        variable("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from).unwrap_or_else(|_| std::env::temp_dir());
    let socket = folder.join(format!("{name}-{}.sock", std::process::id()));

    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    tokio::task::LocalSet::new().block_on(&runtime, serve::serve(provider, socket))
}

/// `azurerm` of `…/terraform-provider-azurerm_v4.20.0_x5`.
fn played_by(program: &str) -> Option<&str> {
    let file = Path::new(program).file_name()?.to_str()?;
    file.strip_prefix("terraform-provider-")?.split('_').next()
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is not set"))
}
