//! Certificates, their renewal, and what issuers need for it.

use super::{line, lines, read, standing, want, wants};
use crate::model::{Phase, Serves};
use serde_json::{Value, json};

fn certificate(spec: Value, status: Value) -> Value {
    let mut whole = json!({"metadata": {"name": "tls", "namespace": "prod"}, "status": status,
        "spec": {"secretName": "tls-secret", "dnsNames": ["a.example", "*.b.example"],
                 "issuerRef": {"name": "le", "kind": "ClusterIssuer"}}});
    for (key, value) in spec.as_object().unwrap() {
        whole["spec"][key] = value.clone();
    }
    whole
}

#[test]
fn what_a_certificate_is_and_wants() {
    let value = certificate(json!({}), json!({}));
    assert_eq!(
        lines("kubernetes:Certificate", value.clone())[0],
        "certificate Certificate prod/tls ~kubernetes:Certificate/prod/tls ~tls-secret:prod/tls-secret"
    );
    let mut wanted = wants("kubernetes:Certificate", value);
    wanted.sort();
    assert_eq!(
        wanted,
        [
            "renewal by ClusterIssuer le [renew]: any of kubernetes:ClusterIssuer/le",
            "renewal by a running cert-manager [renew]: any of controller:cert-manager",
            "renewal of *.b.example by ClusterIssuer le [renew]: the part of kubernetes:ClusterIssuer/le for *.b.example",
            "renewal of a.example by ClusterIssuer le [renew]: the part of kubernetes:ClusterIssuer/le for a.example",
            "renewal through its Certificate object [renew]: any of object:certificate/prod/tls",
        ]
    );
    let namespaced = certificate(json!({"issuerRef": {"name": "own"}}), json!({}));
    let wanted = wants("kubernetes:Certificate", namespaced);
    assert!(wanted.contains(&"renewal by Issuer own [renew]: any of kubernetes:Issuer/prod/own".to_owned()));
}

/// Valid for 90 days from the first of January.
fn valid() -> Value {
    json!({"notBefore": "2023-01-01T00:00:00Z", "notAfter": "2023-04-01T00:00:00Z"})
}

#[test]
fn when_it_is_renewed() {
    let none = json!({});
    let with_time = json!({"notBefore": "2023-01-01T00:00:00Z", "notAfter": "2023-04-01T00:00:00Z", "renewalTime": "2023-03-05T12:00:00Z"});
    let end = Some("2023-04-01T00:00:00Z");
    let rows = [
        ("no status", json!({}), none, None, None),
        ("the status says when", json!({"renewBefore": "24h"}), with_time, end, Some("2023-03-05T12:00:00Z")),
        ("a third is left", json!({}), valid(), end, Some("2023-03-02T00:00:00Z")),
        ("renewBefore", json!({"renewBefore": "360h0m0s"}), valid(), end, Some("2023-03-17T00:00:00Z")),
        (
            "renewBeforePercentage",
            json!({"renewBeforePercentage": 10}),
            valid(),
            end,
            Some("2023-03-23T00:00:00Z"),
        ),
        (
            "renewBefore of more than the lifetime",
            json!({"renewBefore": "8760h"}),
            valid(),
            end,
            Some("2023-03-02T00:00:00Z"),
        ),
        (
            "renewBeforePercentage out of range",
            json!({"renewBeforePercentage": 100}),
            valid(),
            end,
            Some("2023-03-02T00:00:00Z"),
        ),
        ("only the end is known", json!({}), json!({"notAfter": "2023-04-01T00:00:00Z"}), end, None),
        (
            "only the end is known, and renewBefore",
            json!({"renewBefore": "24h"}),
            json!({"notAfter": "2023-04-01T00:00:00Z"}),
            end,
            Some("2023-03-31T00:00:00Z"),
        ),
    ];
    for (name, spec, status, end, at) in rows {
        let facts = read(&standing("kubernetes:Certificate", certificate(spec, status)));
        let own = facts[0].wants.iter().filter(|want| &*want.entry != super::LIES_IN);
        let phases = own.map(|want| want.phase);
        let expected = Phase::Renew {
            end: end.map(|text: &str| text.parse().unwrap()),
            at: at.map(|text: &str| text.parse().unwrap()),
            seen: Some("2023-09-22T10:00:00Z".parse().unwrap()),
        };
        assert!(phases.into_iter().all(|phase| phase == expected), "{name}: {:?}", facts[0].wants[0].phase);
    }
}

fn issuer(kind: &str) -> Value {
    let zone = |more: Value| {
        let mut dns =
            json!({"subscriptionID": "s", "resourceGroupName": "rg", "hostedZoneName": "a.example"});
        for (key, value) in more.as_object().unwrap() {
            dns[key] = value.clone();
        }
        json!({"azureDNS": dns})
    };
    json!({"kind": kind, "metadata": {"name": "le", "namespace": "prod"}, "spec": {"acme": {"server": "https://acme.example", "solvers": [
        {"dns01": zone(json!({"managedIdentity": {"clientID": "C1"}}))},
        {"selector": {"dnsZones": ["b.example"], "dnsNames": ["x.b.example"]}, "dns01": zone(json!({"clientID": "C2", "clientSecretSecretRef": {"name": "s"}, "hostedZoneName": ""}))},
        {"selector": {"matchLabels": {"a": "b"}}, "http01": {"ingress": {}}},
        {"dns01": zone(json!({"zoneType": "AzurePrivateZone"}))},
    ]}}})
}

#[test]
fn solvers_are_parts_with_needs_of_their_own() {
    for (kind, name, whole) in [
        ("kubernetes:ClusterIssuer", "ClusterIssuer le", "ClusterIssuer/le"),
        ("kubernetes:Issuer", "Issuer prod/le", "Issuer/prod/le"),
    ] {
        let mut facts = read(&standing(kind, issuer("x")));
        // Who signs, which a change in place may make another one.
        let authority = line(&facts.remove(1));
        assert_eq!(
            authority,
            format!("other the authority of {name} ~trusted-issuer:{}", whole.to_lowercase())
        );
        let told: Vec<String> = facts.iter().map(line).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!(told[0], format!("other {name} ~kubernetes:{whole}"));
        assert_eq!(told[1], format!("other solver 0 of {name} ~solver:{}/0", whole.to_lowercase()));
        assert!(facts[1..].iter().all(|fact| fact.part_of.as_ref().unwrap().value() == whole));
        let zones = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/dnsZones";
        let write = "may Microsoft.Network/dnsZones/TXT/write on";
        let needs: Vec<Vec<String>> =
            facts.iter().map(|fact| fact.wants.iter().map(want).collect()).collect();
        assert_eq!(
            needs[1][1],
            format!(
                "DNS-01 challenges in a.example: that actor:cert-manager, client:c1 {write} {zones}/a.example"
            )
        );
        assert_eq!(needs[2][1], format!("DNS-01 challenges in its zones: that client:c2 {write} {zones}/*"));
        assert_eq!((needs[3].len(), needs[4].len()), (1, 1), "HTTP-01 and private zones ask for no right");
        let text = |text: &str| vec![text.to_owned()];
        let named = Serves { exactly: text("x.b.example"), below: text("b.example"), ..Serves::default() };
        let serves = |number: usize| *facts[number].serves.clone().unwrap();
        assert_eq!(serves(1), Serves { likely_below: text("a.example"), ..Serves::default() });
        assert_eq!(serves(2), named);
        assert!(serves(3).undecidable.is_some());
    }
}

#[test]
fn the_controller_gives_its_account_a_further_name() {
    let controller = json!({"metadata": {"name": "cert-manager", "namespace": "cm",
            "labels": {"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller"}},
        "spec": {"template": {"spec": {"serviceAccountName": "cm", "containers": []}}}});
    assert_eq!(
        lines("kubernetes:Deployment", controller)[1..],
        [
            "other kubernetes:Deployment | kubernetes:Deployment/cm/cert-manager is also controller:cert-manager",
            "other kubernetes:Deployment | kubernetes:ServiceAccount/cm/cm is also actor:cert-manager",
        ]
    );
    let webhook = json!({"metadata": {"name": "webhook", "namespace": "cm",
        "labels": {"app.kubernetes.io/name": "webhook", "app.kubernetes.io/component": "webhook"}}, "spec": {}});
    assert_eq!(lines("kubernetes:Deployment", webhook).len(), 1);
}
