//! What a pattern of actions matches.

use super::Answer::{Covered, Lost, Unknown};
use super::{judge, world};
use std::sync::Arc;

const HERE: &str = "/subscriptions/s1";
const ROLES: &str = "Understand Azure role definitions, wildcards";
const NOT: &str = "Understand Azure role definitions, NotActions";
const DATA: &str = "Understand Azure role definitions, control and data actions";
const BLOB: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

#[test]
fn wildcards() {
    let with = |pattern: &str| world().plain("r", &[pattern]).grant("sp", "r", HERE);
    judge(vec![
        (
            "the action itself",
            ROLES,
            with("Microsoft.Compute/virtualMachines/start/action"),
            "Microsoft.Compute/virtualMachines/start/action",
            HERE,
            Covered("r on the same scope"),
        ),
        (
            "the action in other case",
            "docs mix the cases",
            with("Microsoft.Compute/virtualMachines/start/Action"),
            "microsoft.compute/virtualmachines/start/action",
            HERE,
            Covered(""),
        ),
        (
            "a prefix",
            ROLES,
            with("Microsoft.Network/dnsZones/*"),
            "Microsoft.Network/dnsZones/TXT/write",
            HERE,
            Covered(""),
        ),
        ("a suffix", ROLES, with("*/read"), "*/read", HERE, Unknown("control or the data plane")),
        (
            "a suffix over the whole cloud",
            ROLES,
            with("*/read").plain("x", &["Microsoft.Compute/*"]),
            "Microsoft.Compute/disks/read",
            HERE,
            Covered(""),
        ),
        (
            "a star in the middle",
            ROLES,
            with("Microsoft.Network/*/read"),
            "Microsoft.Network/dnsZones/TXT/read",
            HERE,
            Covered(""),
        ),
        (
            "a star crosses slashes",
            ROLES,
            with("Microsoft.Network/*"),
            "Microsoft.Network/a/b/c/d/write",
            HERE,
            Covered(""),
        ),
        (
            "several stars",
            "custom roles may have several",
            with("Microsoft.*/dnsZones/*/write"),
            "Microsoft.Network/dnsZones/TXT/write",
            HERE,
            Covered(""),
        ),
        (
            "several stars, one part missing",
            "custom roles may have several",
            with("Microsoft.*/dnsZones/*/write"),
            "Microsoft.Network/dnsZones/TXT/read",
            HERE,
            Lost(1),
        ),
        (
            "a star may stand for nothing",
            ROLES,
            with("Microsoft.Network/dnsZones/read*"),
            "Microsoft.Network/dnsZones/read",
            HERE,
            Covered(""),
        ),
        (
            "another provider",
            ROLES,
            with("Microsoft.Network/*"),
            "Microsoft.Compute/disks/read",
            HERE,
            Lost(1),
        ),
        (
            "a provider that begins alike",
            ROLES,
            with("Microsoft.Net/*"),
            "Microsoft.Network/dnsZones/read",
            HERE,
            Lost(1),
        ),
        ("another verb", ROLES, with("*/read"), "Microsoft.Network/dnsZones/write", HERE, Lost(1)),
        ("no grant", ROLES, world(), "Microsoft.Network/dnsZones/write", HERE, Lost(0)),
    ]);
}

#[test]
fn not_actions() {
    let left_out = || {
        world()
            .role("most", &["*"], &["Microsoft.Authorization/*/Write"], &[], &[])
            .plain("x", &["Microsoft.Authorization/*", "Microsoft.Network/*"])
            .grant("sp", "most", HERE)
    };
    let write = "Microsoft.Authorization/roleAssignments/write";
    let blocks = |yes: &str, not: &str| {
        let first = world().role("r", &["*"], &["Microsoft.Authorization/*/Write"], &[], &[]);
        first.block(&[yes], &[not], None).plain("x", &["Microsoft.Authorization/*"]).grant("sp", "r", HERE)
    };
    judge(vec![
        ("left out", NOT, left_out(), write, HERE, Lost(1)),
        ("not left out", NOT, left_out(), "Microsoft.Authorization/roleAssignments/read", HERE, Covered("")),
        (
            "given by another role",
            "NotActions is no deny",
            left_out().plain("admin", &["Microsoft.Authorization/*"]).grant("sp", "admin", HERE),
            write,
            HERE,
            Covered("admin"),
        ),
        (
            "given by the same role elsewhere it is left out as well",
            NOT,
            left_out().grant("sp", "most", "/"),
            write,
            HERE,
            Lost(2),
        ),
        (
            "left out by a block, given by another",
            "a role may have several blocks",
            blocks("Microsoft.Authorization/*", "x"),
            write,
            HERE,
            Covered(""),
        ),
        (
            "left out by both blocks",
            "a role may have several blocks",
            blocks("*", "*/write"),
            write,
            HERE,
            Lost(1),
        ),
        (
            "left out though the pattern has two stars",
            NOT,
            world()
                .role("r", &["*"], &["*/roleAssignments/*"], &[], &[])
                .plain("x", &["Microsoft.Authorization/*"])
                .grant("sp", "r", HERE),
            write,
            HERE,
            Lost(1),
        ),
    ]);
}

#[test]
fn planes() {
    let reader = || {
        world().role(
            "data",
            &[],
            &[],
            &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"],
            &[],
        )
    };
    judge(vec![
        (
            "a data action by a data role",
            DATA,
            reader().grant("sp", "data", HERE),
            BLOB,
            HERE,
            Covered("data"),
        ),
        (
            "a star in actions gives no data",
            DATA,
            reader().plain("owner", &["*"]).grant("sp", "owner", HERE),
            BLOB,
            HERE,
            Lost(1),
        ),
        (
            "a star in data actions gives no control",
            DATA,
            reader()
                .plain("x", &["Microsoft.Storage/*"])
                .role("all", &[], &[], &["*"], &[])
                .grant("sp", "all", HERE),
            "Microsoft.Storage/storageAccounts/listKeys/action",
            HERE,
            Lost(1),
        ),
        (
            "left out of data",
            DATA,
            world().role("d", &[], &[], &["Microsoft.Storage/*"], &["*/blobs/read"]).grant("sp", "d", HERE),
            BLOB,
            HERE,
            Lost(1),
        ),
        (
            "not actions do not touch data",
            DATA,
            world().role("d", &[], &["*/blobs/read"], &["Microsoft.Storage/*"], &[]).grant("sp", "d", HERE),
            BLOB,
            HERE,
            Covered(""),
        ),
        (
            "the definitions speak of it on both planes",
            "Key Vault Reader has one pattern on both",
            world()
                .role(
                    "r",
                    &["Microsoft.KeyVault/vaults/*/read"],
                    &[],
                    &["Microsoft.KeyVault/vaults/*/read"],
                    &[],
                )
                .plain("owner", &["*"])
                .grant("sp", "owner", HERE),
            "Microsoft.KeyVault/vaults/secrets/read",
            HERE,
            Unknown("control or the data plane"),
        ),
        (
            "both planes granted",
            "Key Vault Reader has one pattern on both",
            world()
                .role(
                    "r",
                    &["Microsoft.KeyVault/vaults/*/read"],
                    &[],
                    &["Microsoft.KeyVault/vaults/*/read"],
                    &[],
                )
                .grant("sp", "r", HERE),
            "Microsoft.KeyVault/vaults/secrets/read",
            HERE,
            Covered(""),
        ),
        (
            "no definition speaks of it but by a star",
            "missing evidence is never cover",
            world().plain("owner", &["*"]).grant("sp", "owner", HERE),
            BLOB,
            HERE,
            Unknown("control or the data plane"),
        ),
        (
            "an access policy gives no control",
            "access policies are the data plane only",
            world()
                .plain("x", &["Microsoft.KeyVault/vaults/*"])
                .grant("sp", "p", HERE)
                .with(|known| Arc::make_mut(&mut known.grant).cloud = "azure-key-vault".to_owned()),
            "Microsoft.KeyVault/vaults/delete",
            HERE,
            Lost(1),
        ),
        (
            "an access policy may give data",
            "access policies are not read in detail",
            world()
                .role("x", &[], &[], &["Microsoft.KeyVault/vaults/secrets/getSecret/action"], &[])
                .grant("sp", "p", HERE)
                .with(|known| Arc::make_mut(&mut known.grant).cloud = "azure-key-vault".to_owned()),
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            HERE,
            Unknown("access policy"),
        ),
    ]);
}
