//! Finding the stand-in provider and laying it out as Terraform wants to install it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the stand-in plays, in the versions that the fixtures ask for.
const PROVIDERS: [(&str, &str); 8] = [
    ("hashicorp/aws", "6.25.0"),
    ("hashicorp/azuread", "3.1.0"),
    ("hashicorp/azurerm", "4.20.0"),
    ("hashicorp/google", "6.50.0"),
    ("hashicorp/kubernetes", "2.36.0"),
    ("hashicorp/vault", "4.5.0"),
    ("launchdarkly/launchdarkly", "2.21.0"),
    // There is none like it: devices that a management system knows.
    ("example/jumpcloud", "1.0.0"),
];

pub fn schema_file() -> PathBuf {
    here().join("tests/integration/support/schema.json")
}

/// The package's own folder.
pub fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file-system mirror with the stand-in under the address of each provider. Linked, not copied: a file that
/// is being written while another test starts a process cannot be executed ("text file busy").
pub fn mirror(root: &Path) {
    let binary = binary();
    for (source, version) in PROVIDERS {
        let name = source.split('/').next_back().unwrap();
        let folder = root.join("registry.terraform.io").join(source).join(version).join(platform());
        fs::create_dir_all(&folder).unwrap();
        let link = folder.join(format!("terraform-provider-{name}_v{version}_x5"));
        fs::hard_link(&binary, &link).or_else(|_| std::os::unix::fs::symlink(&binary, &link)).unwrap();
    }
}

/// The built example, beside the test executable: `target/PROFILE/deps/TEST`, `target/PROFILE/examples/…`.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("examples/standin-provider");
    let built = fs::metadata(&binary).and_then(|meta| meta.modified()).unwrap_or_else(|_| {
        panic!(
            "the stand-in provider is not built ({} is missing): run `cargo build --example standin-provider`, \
             or plain `cargo test`, which builds it",
            binary.display()
        )
    });
    let source = here().join("examples/standin-provider");
    let changed =
        fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().metadata().unwrap().modified().unwrap());
    assert!(
        changed.max().unwrap_or(SystemTime::UNIX_EPOCH) <= built,
        "the stand-in provider is older than its source: run `cargo build --example standin-provider`"
    );
    binary
}

fn platform() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}_{machine}")
}
