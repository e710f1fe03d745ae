//! What renews certificates in a cluster: taken away, a certificate ends on its day; what is no part of it is not missed.
//!
//! Sources: cert-manager, "API reference" (Issuer, Certificate, ACMEChallengeSolverDNS01), "DNS01: selectors" and
//! `pkg/util/solverpicker`, "External issuers", "Certificate Resources"; Let's Encrypt, "Staging Environment".

use serde_json::{Value as Json, json};

use crate::cluster_needs::{dump, metadata, object, rated};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const ENDS: &str = "2026-04-20T00:00:00Z";
const GROUP: &str = "cert-manager.io/v1";

fn certificate(spec: Json) -> Json {
    let mut full = json!({"secretName": "tls", "dnsNames": ["shop.example.test"],
        "issuerRef": {"kind": "Issuer", "name": "it"}});
    full.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    let status =
        json!({"notAfter": ENDS, "notBefore": "2026-01-20T00:00:00Z", "renewalTime": "2026-03-20T00:00:00Z"});
    object(GROUP, "Certificate", "shop", "web", json!({"spec": full, "status": status}))
}

fn issuer(spec: Json) -> Json {
    object(GROUP, "Issuer", "shop", "it", json!({"spec": spec}))
}

fn acme(server: &str, solver: Json) -> Json {
    json!({"acme": {"server": server, "solvers": [solver]}})
}

const PUBLIC: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// An ingress with a certificate, and what renews it.
fn cluster(certificate: Json, others: &[Json]) -> Scene {
    let mut scene = rated("Ingress");
    let tls = json!([{"hosts": ["shop.example.test"], "secretName": "tls"}]);
    let mut items = vec![
        object("networking.k8s.io/v1", "Ingress", "shop", "web", json!({"spec": {"tls": tls, "rules": []}})),
        certificate,
    ];
    items.extend(others.iter().cloned());
    scene.lists("cluster.json", dump(&items), json!({}));
    scene
}

/// The plan takes something away, and the ingress falls when its certificate ends.
fn ends(what: &str, scene: &mut Scene, address: &str, before: Json, after: Json) {
    scene.object(address, before, after);
    let judged = scene.check();
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["affects"][0]["until"]["possible"], ENDS, "{what}: {finding:#}");
    assert_eq!(judged.code, 3, "{what}: {:#}", judged.report);
}

fn secret(namespace: &str) -> Json {
    json!({"metadata": metadata(namespace, "tok"), "type": "Opaque"})
}

#[test]
fn secrets_of_issuers() {
    let reference = json!({"name": "tok", "key": "k"});
    let solved = |dns: Json| acme(PUBLIC, json!({"dns01": dns}));
    let vault = |auth: Json| json!({"vault": {"server": "https://v", "path": "pki/sign/r", "auth": auth}});
    let specs = [
        solved(json!({"cloudflare": {"apiTokenSecretRef": reference}})),
        solved(json!({"cloudflare": {"apiKeySecretRef": reference, "email": "a@example.test"}})),
        solved(
            json!({"route53": {"region": "r", "accessKeyID": "A", "secretAccessKeySecretRef": reference}}),
        ),
        solved(json!({"route53": {"region": "r", "accessKeyIDSecretRef": reference}})),
        solved(json!({"cloudDNS": {"project": "p", "serviceAccountSecretRef": reference}})),
        solved(json!({"digitalocean": {"tokenSecretRef": reference}})),
        solved(json!({"acmeDNS": {"host": "h", "accountSecretRef": reference}})),
        solved(json!({"rfc2136": {"nameserver": "n", "tsigSecretSecretRef": reference}})),
        solved(json!({"akamai": {"clientTokenSecretRef": reference}})),
        json!({"ca": {"secretName": "tok"}}),
        vault(json!({"tokenSecretRef": reference})),
        vault(json!({"appRole": {"path": "approle", "roleId": "r", "secretRef": reference}})),
        vault(json!({"kubernetes": {"role": "r", "secretRef": reference}})),
        json!({"venafi": {"zone": "z", "cloud": {"apiTokenSecretRef": reference}}}),
    ];
    for spec in specs {
        let what = spec.to_string();
        let mut scene = cluster(certificate(json!({})), &[issuer(spec.clone())]);
        ends(&what, &mut scene, "kubernetes_secret_v1.tok", secret("shop"), Json::Null);
        // Of what has no namespace it is in that of the controller.
        let everywhere = object(GROUP, "ClusterIssuer", "", "it", json!({"spec": spec}));
        let of = certificate(json!({"issuerRef": {"kind": "ClusterIssuer", "name": "it"}}));
        let mut scene = cluster(of.clone(), std::slice::from_ref(&everywhere));
        ends(&what, &mut scene, "kubernetes_secret_v1.tok", secret("cert-manager"), Json::Null);
        let mut scene = cluster(of, &[everywhere]);
        scene.object("kubernetes_secret_v1.tok", secret("shop"), Json::Null);
        assert_eq!(scene.check().loud(), Vec::<String>::new(), "in another namespace: {what}");
    }
}

/// The secret with the certificate stays when the object goes that renews it.
#[test]
fn the_object_goes_and_the_certificate_stays() {
    let acme = issuer(acme(PUBLIC, json!({"http01": {}})));
    let definition = |kind: &str, plural: &str| {
        let spec = json!({"group": "cert-manager.io", "names": {"kind": kind, "plural": plural}});
        json!({"manifest": object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", plural, json!({"spec": spec}))})
    };
    for (kind, plural) in [("Certificate", "certificates"), ("Issuer", "issuers")] {
        let mut scene = cluster(certificate(json!({})), std::slice::from_ref(&acme));
        ends(kind, &mut scene, "kubernetes_manifest.crd", definition(kind, plural), Json::Null);
    }
    let mut installed = certificate(json!({}));
    installed["metadata"]["annotations"] =
        json!({"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"});
    let mut scene = cluster(installed, std::slice::from_ref(&acme));
    let release = json!({"id": "web", "name": "web", "namespace": "shop", "chart": "web"});
    ends("its release", &mut scene, "helm_release.web", release, Json::Null);
    let planned = |spec: Json| {
        let mut made = certificate(spec);
        made.as_object_mut().unwrap().remove("status");
        json!({"manifest": made})
    };
    let mut scene = cluster(certificate(json!({})), std::slice::from_ref(&acme));
    let other = planned(json!({"secretName": "tls2"}));
    ends("another secret", &mut scene, "kubernetes_manifest.c", planned(json!({})), other);
    let names = |names: &[&str]| planned(json!({"dnsNames": names}));
    let changed = |before: Json, after: Json| {
        move |scene: &mut Scene| {
            scene.object("kubernetes_manifest.c", before.clone(), after.clone());
        }
    };
    let host = "shop.example.test";
    judge(
        &cluster(certificate(json!({"dnsNames": [host, "b.example.test"]})), std::slice::from_ref(&acme)),
        vec![
            row(
                "",
                "a name less",
                Loss,
                changed(names(&[host, "b.example.test"]), names(&["b.example.test"])),
            ),
            row("", "no ingress has it", Quiet, changed(names(&[host, "b.example.test"]), names(&[host]))),
            row(
                "",
                "a wildcard for it",
                Quiet,
                changed(names(&[host, "b.example.test"]), names(&["*.example.test"])),
            ),
            row("", "a name more", Quiet, changed(names(&[host]), names(&[host, "c.example.test"]))),
            row(
                "",
                "renewed sooner",
                Quiet,
                changed(planned(json!({})), planned(json!({"renewBefore": "360h"}))),
            ),
        ],
    );
}

#[test]
fn an_issuer_that_nobody_trusts() {
    let cluster_of = |spec: Json| cluster(certificate(json!({})), &[issuer(spec)]);
    let public = || acme(PUBLIC, json!({"http01": {}}));
    let staging = || acme("https://acme-staging-v02.api.letsencrypt.org/directory", json!({"http01": {}}));
    for (what, after) in [("for tests", staging()), ("signs for itself", json!({"selfSigned": {}}))] {
        let (before, after) = (json!({"manifest": issuer(public())}), json!({"manifest": issuer(after)}));
        ends(what, &mut cluster_of(public()), "kubernetes_manifest.it", before, after);
    }
    let mut mail = public();
    mail["acme"]["email"] = "b@example.test".into();
    for (what, before, after) in [
        ("its mail", public(), mail),
        ("out of tests", staging(), public()),
        ("another one", public(), acme("https://acme.zerossl.com/v2/DV90", json!({"http01": {}}))),
    ] {
        let mut scene = cluster_of(before.clone());
        scene.object(
            "kubernetes_manifest.it",
            json!({"manifest": issuer(before)}),
            json!({"manifest": issuer(after)}),
        );
        assert_eq!(scene.check().loud(), Vec::<String>::new(), "{what}");
    }
}

/// The issuer of another group is none of cert-manager's, and missed if it is known.
#[test]
fn an_issuer_of_somebody_else() {
    let outer = object(
        "awspca.cert-manager.io/v1beta1",
        "AWSPCAClusterIssuer",
        "",
        "it",
        json!({"spec": {"arn": "a"}}),
    );
    let of = certificate(
        json!({"issuerRef": {"group": "awspca.cert-manager.io", "kind": "AWSPCAClusterIssuer", "name": "it"}}),
    );
    let scene = cluster(of.clone(), std::slice::from_ref(&outer));
    judge(&scene, vec![row("", "it stays", Quiet, |_| {})]);
    ends(
        "it goes",
        &mut cluster(of, std::slice::from_ref(&outer)),
        "kubernetes_manifest.it",
        json!({"manifest": outer}),
        Json::Null,
    );
}

/// The solver of a wildcard is the one that names it with its star.
#[test]
fn the_solver_of_a_wildcard() {
    let solver = |selector: Json, secret: &str| json!({"selector": selector, "dns01": {"cloudflare": {"apiTokenSecretRef": {"name": secret}}}});
    let of = |first: Json, second: Json| {
        let solvers = [solver(first, "tok"), solver(second, "other")];
        issuer(json!({"acme": {"server": PUBLIC, "solvers": solvers}}))
    };
    for (what, names, first, second, falls) in [
        ("with its star", "*.example.test", json!({"dnsNames": ["*.example.test"]}), json!({}), true),
        ("without it", "*.example.test", json!({"dnsNames": ["example.test"]}), json!({}), false),
        ("by the zone", "*.example.test", json!({"dnsZones": ["example.test"]}), json!({}), true),
        (
            "the name and not the zone",
            "a.example.test",
            json!({"dnsNames": ["a.example.test"], "dnsZones": ["other.test"]}),
            json!({}),
            false,
        ),
    ] {
        let mut scene = cluster(certificate(json!({"dnsNames": [names]})), &[of(first, second)]);
        scene.object("kubernetes_secret_v1.tok", secret("shop"), Json::Null);
        let judged = scene.check();
        assert_eq!(
            judged.by_plan("breaks-workload").len(),
            usize::from(falls),
            "{what}: {:#}",
            judged.report
        );
    }
}

/// A controller without replicas renews nothing.
#[test]
fn a_controller_that_does_not_run() {
    let controller = |replicas: u8| {
        json!({"manifest": object("apps/v1", "Deployment", "cert-manager", "cert-manager", json!({
            "metadata": {"name": "cert-manager", "namespace": "cert-manager", "labels": {
                "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller"}},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "image": "c"}]}}}}))})
    };
    let mut scene = cluster(
        certificate(json!({})),
        &[issuer(acme(PUBLIC, json!({"http01": {}}))), controller(1)["manifest"].clone()],
    );
    ends("none", &mut scene, "kubernetes_manifest.cm", controller(1), controller(0));
}
