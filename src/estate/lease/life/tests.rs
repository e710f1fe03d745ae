//! The chain of limits, case by case. Each row says where it comes from: `T` is Vault's "Tokens" page, `L` "Lease, renew, and
//! revoke", `C` "Vault configuration parameters", `A` the API page of the method or engine, `G` "Tune the lease
//! time-to-live (TTL)", `F` `sdk/framework/lease.go`, `S` `vault/dynamic_system_view.go`, `K` `vault/token_store.go`.

use super::*;

const H: i64 = 3600;
const D: i64 = 24 * H;

fn limited(seconds: i64) -> Limited {
    let limit = if seconds == 0 { Limit::Unset } else { Limit::Seconds(seconds) };
    Limited { key: "x".into(), limit }
}

/// Limits in seconds, zero for what is not set: ttl, maximum, period, explicit maximum.
type Row = [i64; 4];

fn limits(row: Row) -> Limits {
    let [ttl, max, period, explicit] = row.map(limited);
    Limits { ttl, max, period, explicit }
}

const NONE: Row = [0; 4];

/// Server, mount, role, token.
fn of(rows: [Row; 4], fixed: bool) -> Life {
    let [server, mount, role, token] = rows.map(limits);
    let [server, mount, role, token] = [Some(&server), Some(&mount), Some(&role), Some(&token)];
    life(Chain { server, mount, role, token, fixed })
}

use Level::{Mount, Role, Server, Token};

fn after(seconds: i64, level: Level) -> End {
    End::After(seconds, level)
}

#[test]
fn what_can_be_renewed() {
    #[rustfmt::skip]
    let table: &[(&str, [Row; 4], i64, End)] = &[
        ("C: nothing is set anywhere: 768 h", [NONE, NONE, NONE, NONE], 32 * D, after(32 * D, Server)),
        ("C: a maximum of the server", [[0, 10 * D, 0, 0], NONE, NONE, NONE], 10 * D, after(10 * D, Server)),
        ("C: a longer maximum of the server", [[0, 90 * D, 0, 0], NONE, NONE, NONE], 32 * D, after(90 * D, Server)),
        ("C: a default of the server", [[H, 0, 0, 0], NONE, NONE, NONE], H, after(32 * D, Server)),
        ("C: a default above the maximum is cut", [[40 * D, 0, 0, 0], NONE, NONE, NONE], 32 * D, after(32 * D, Server)),
        ("G: a maximum of the mount below the server's", [NONE, [0, D, 0, 0], NONE, NONE], D, after(D, Mount)),
        ("G, S: a maximum of the mount above the server's", [NONE, [0, 90 * D, 0, 0], NONE, NONE], 32 * D, after(90 * D, Mount)),
        ("S: the mount's counts instead of the server's", [[0, D, 0, 0], [0, 90 * D, 0, 0], NONE, NONE], 32 * D, after(90 * D, Mount)),
        ("G: a default of the mount", [NONE, [2 * H, 0, 0, 0], NONE, NONE], 2 * H, after(32 * D, Server)),
        ("S: the mount's default counts before the server's", [[H, 0, 0, 0], [2 * H, 0, 0, 0], NONE, NONE], 2 * H, after(32 * D, Server)),
        ("G: default and maximum of the mount", [NONE, [H, D, 0, 0], NONE, NONE], H, after(D, Mount)),
        ("F: the mount's default above its maximum is cut", [NONE, [2 * D, D, 0, 0], NONE, NONE], D, after(D, Mount)),
        ("A: token_ttl is how long until the first renewal", [NONE, NONE, [H, 0, 0, 0], NONE], H, after(32 * D, Server)),
        ("A: token_ttl counts before the mount's default", [NONE, [2 * H, 0, 0, 0], [H, 0, 0, 0], NONE], H, after(32 * D, Server)),
        ("A: token_max_ttl below all", [NONE, NONE, [0, D, 0, 0], NONE], D, after(D, Role)),
        ("G: token_max_ttl of 120 d on a mount that is not tuned", [NONE, NONE, [0, 120 * D, 0, 0], NONE], 32 * D, after(32 * D, Server)),
        ("G: the same on a mount tuned to 120 d", [NONE, [0, 120 * D, 0, 0], [0, 120 * D, 0, 0], NONE], 32 * D, after(120 * D, Mount)),
        ("F: token_max_ttl above the mount's", [NONE, [0, D, 0, 0], [0, 2 * D, 0, 0], NONE], D, after(D, Mount)),
        ("F: token_max_ttl below the mount's", [NONE, [0, 2 * D, 0, 0], [0, D, 0, 0], NONE], D, after(D, Role)),
        ("A: token_ttl and token_max_ttl", [NONE, NONE, [20 * 60, 30 * 60, 0, 0], NONE], 20 * 60, after(30 * 60, Role)),
        ("F: token_ttl above token_max_ttl is cut", [NONE, NONE, [2 * H, H, 0, 0], NONE], H, after(H, Role)),
        ("T: an explicit maximum", [NONE, NONE, [0, 0, 0, D], NONE], D, after(D, Role)),
        ("T: an explicit maximum asked for with the token", [NONE, NONE, NONE, [0, 0, 0, D]], D, after(D, Token)),
        ("K: of two explicit maxima the shorter: the role's", [NONE, NONE, [0, 0, 0, H], [0, 0, 0, D]], H, after(H, Role)),
        ("K: of two explicit maxima the shorter: the token's", [NONE, NONE, [0, 0, 0, D], [0, 0, 0, H]], H, after(H, Token)),
        ("T: an explicit maximum above the mount's does not lengthen it", [NONE, NONE, [0, 0, 0, 90 * D], NONE], 32 * D, after(32 * D, Server)),
        ("F: explicit below token_max_ttl", [NONE, NONE, [0, 2 * D, 0, D], NONE], D, after(D, Role)),
        ("F: token_max_ttl below explicit", [NONE, NONE, [0, D, 0, 2 * D], NONE], D, after(D, Role)),
        ("T: asked for with a ttl", [NONE, NONE, NONE, [H, 0, 0, 0]], H, after(32 * D, Server)),
        ("T: a ttl that was asked for counts before the role's", [NONE, NONE, [2 * H, 0, 0, 0], [H, 0, 0, 0]], H, after(32 * D, Server)),
        ("F: a ttl that was asked for is cut", [NONE, [0, D, 0, 0], NONE, [2 * D, 0, 0, 0]], D, after(D, Mount)),
        ("T: periodic, by the role", [NONE, NONE, [0, 0, D, 0], NONE], D, End::Renewed(D)),
        ("T: periodic, as it was asked for", [NONE, NONE, NONE, [0, 0, D, 0]], D, End::Renewed(D)),
        ("K: of two periods the shorter", [NONE, NONE, [0, 0, D, 0], [0, 0, H, 0]], H, End::Renewed(H)),
        ("F: a period above the mount's maximum gives no more than that at a time", [NONE, [0, H, 0, 0], [0, 0, D, 0], NONE], H, End::Renewed(H)),
        ("F: a period above the server's maximum", [NONE, NONE, [0, 0, 90 * D, 0], NONE], 32 * D, End::Renewed(32 * D)),
        ("F: a period above token_max_ttl", [NONE, NONE, [0, H, D, 0], NONE], H, End::Renewed(H)),
        ("T: a period does not look at token_ttl", [NONE, NONE, [H, 0, D, 0], NONE], D, End::Renewed(D)),
        ("T: periodic with an explicit maximum", [NONE, NONE, [0, 0, D, 30 * D], NONE], D, after(30 * D, Role)),
        ("T: the same, beyond 32 d: a period looks at no other maximum", [NONE, NONE, [0, 0, D, 90 * D], NONE], D, after(90 * D, Role)),
        ("F: an explicit maximum below the period", [NONE, NONE, [0, 0, D, H], NONE], H, after(H, Role)),
        ("T: periodic by the role, explicit maximum with the token", [NONE, NONE, [0, 0, D, 0], [0, 0, 0, 3 * D]], D, after(3 * D, Token)),
        ("A: database roles: default_ttl and max_ttl", [NONE, NONE, [H, 24 * H, 0, 0], NONE], H, after(D, Role)),
        ("A: database roles: max_ttl above the mount's", [NONE, [0, 12 * H, 0, 0], [H, 24 * H, 0, 0], NONE], H, after(12 * H, Mount)),
        ("A: database roles: neither is set", [NONE, [H, 2 * H, 0, 0], NONE, NONE], H, after(2 * H, Mount)),
        ("A: database roles: default_ttl alone", [NONE, NONE, [H, 0, 0, 0], NONE], H, after(32 * D, Server)),
    ];
    for (case, rows, first, end) in table {
        assert_eq!(of(*rows, false), Life { first: *first, end: *end, assumed: false }, "{case}");
    }
    assert!(table.len() >= 45);
}

#[test]
fn what_cannot_be_renewed_ends_at_once() {
    #[rustfmt::skip]
    let table: &[(&str, [Row; 4], i64, Level)] = &[
        ("T: batch, nothing set", [NONE, NONE, NONE, NONE], 32 * D, Server),
        ("T: batch, with a ttl", [NONE, NONE, NONE, [H, 0, 0, 0]], H, Token),
        ("T: batch, by the role's ttl", [NONE, NONE, [H, D, 0, 0], NONE], H, Role),
        ("T: batch, by the mount's default", [NONE, [2 * H, D, 0, 0], NONE, NONE], 2 * H, Mount),
        ("F: batch, its ttl cut by the mount", [NONE, [0, H, 0, 0], NONE, [D, 0, 0, 0]], H, Mount),
        ("T: renewable = false with an explicit maximum", [NONE, NONE, [0, 0, 0, H], NONE], H, Role),
        ("T: a period is of no use to it", [NONE, NONE, [H, 0, D, 0], NONE], H, Role),
    ];
    for (case, rows, seconds, level) in table {
        let end = after(*seconds, *level);
        assert_eq!(of(*rows, true), Life { first: *seconds, end, assumed: false }, "{case}");
    }
}

#[test]
fn what_nobody_tells_is_assumed_and_said() {
    let none = life(Chain::default());
    assert_eq!(none, Life { first: 32 * D, end: after(32 * D, Server), assumed: true });
    let unknown = |row: Row, set: fn(&mut Limits)| {
        let mut limits = limits(row);
        set(&mut limits);
        limits
    };
    let (server, mount, period) =
        (limits(NONE), limits(NONE), unknown(NONE, |limits| limits.period.limit = Limit::Unknown));
    let known = Chain { server: Some(&server), mount: Some(&mount), ..Chain::default() };
    let open = life(Chain { role: Some(&period), ..known });
    assert_eq!(open.end, End::Unknown(32 * D));
    assert!(!open.end.is_bounded());
    let later = unknown([0, D, 0, 0], |limits| limits.explicit.limit = Limit::Unknown);
    let life = life(Chain { role: Some(&later), ..known });
    assert_eq!((life.end, life.assumed), (after(D, Role), true));
    // A period needs nobody to tell what else is set.
    let period = limits([0, 0, D, 0]);
    let life = super::life(Chain { role: Some(&period), ..Chain::default() });
    assert_eq!(life, Life { first: D, end: End::Renewed(D), assumed: false });
}
