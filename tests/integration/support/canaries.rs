//! Plans with secrets in every place where a real plan has them, for tests that look whether one gets out.
//!
//! A secret has a mark in it that nothing else has. Where it is marked sensitive it has a second one: such a value must
//! not even reach what reads the objects, whatever the attribute is called.

use serde_json::{Map, Value as Json, json};

/// A small generator of numbers, the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(n).unwrap()).unwrap()
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What every secret has in it, in one of these forms: text, a GUID as keys often are, a number.
pub const MARKS: [&str; 3] = ["cnry", "0cafe0ca-", "7735091446"];

/// What those that the plan marks as sensitive have besides.
pub const HIDDEN: [&str; 3] = ["cnryhidden", "0cafe0ca-dead-", "7735091446999"];

const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-4333-8444-555555555555";

/// What stands where in the plan that is being made.
pub struct Maker {
    pub dice: Dice,
    planted: usize,
}

/// An object of a plan: its type, its values, and which of them are marked as sensitive.
struct Thing {
    kind: &'static str,
    values: Json,
    marks: Json,
}

impl Maker {
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), planted: 0 }
    }

    /// A secret of any form.
    pub fn secret(&mut self) -> Json {
        self.planted += 1;
        let number = self.planted;
        match self.dice.below(8) {
            0 => json!(format!("0cafe0ca-beef-4000-8000-{number:012x}")),
            1 => serde_json::from_str(&format!("7735091446{number:05}")).unwrap(),
            2 => json!(format!("{SUBSCRIPTION}/resourceGroups/cnry{number}/providers/Microsoft.Web/sites/x")),
            3 => json!({"inner": [{"deep": format!("cnry{number}")}, [format!("cnry{number}-b")]]}),
            4 => json!(format!(
                "-----BEGIN PRIVATE KEY-----\ncnry{number}\u{1b}[31m\n-----END PRIVATE KEY-----\n"
            )),
            5 => json!(format!("system:serviceaccount:cnry{number}:cnry{number}")),
            _ => json!(format!("cnry{number}q")),
        }
    }

    /// A secret in plain text.
    pub fn text(&mut self) -> String {
        self.planted += 1;
        format!("cnry{}q", self.planted)
    }

    /// A value that the plan marks as sensitive.
    fn hidden(&mut self) -> Json {
        self.planted += 1;
        let number = self.planted;
        match self.dice.below(3) {
            0 => json!(format!("0cafe0ca-dead-4000-8000-{number:012x}")),
            1 => serde_json::from_str(&format!("7735091446999{number:05}")).unwrap(),
            _ => json!(format!("cnryhidden{number}")),
        }
    }

    fn hex(&mut self) -> String {
        format!("{:08x}-aaaa-4bbb-8ccc-{:012x}", self.dice.below(1 << 30), self.dice.below(1 << 30))
    }

    /// A whole plan.
    pub fn plan(&mut self) -> Json {
        let count = 3 + self.dice.below(9);
        let (mut changes, mut drift, mut prior, mut planned, mut blocks) =
            (vec![], vec![], vec![], vec![], vec![]);
        for number in 0..count {
            let thing = self.thing(number);
            let name = format!("thing_{number}");
            let address = format!("{}.{name}", thing.kind);
            let entry = self.entry(&address, &thing);
            let mut resource = json!({"address": address, "mode": "managed", "type": thing.kind, "name": name,
                "provider_name": "x", "schema_version": 0, "values": thing.values, "sensitive_values": thing.marks});
            if number > 0 && self.dice.one_in(2) {
                resource["depends_on"] = json!(["azurerm_user_assigned_identity.thing_1"]);
            }
            if self.dice.one_in(4) {
                let mut found = entry.clone();
                found["change"]["actions"] = json!([self.dice.of(&["update", "delete"])]);
                found["change"]["before"] = self.poisoned(&thing.values);
                drift.push(found);
            }
            if !self.dice.one_in(6) {
                changes.push(entry);
            }
            blocks.push(self.block(&address, thing.kind, &name));
            planned.push(resource.clone());
            prior.push(resource);
        }
        let variables: Map<String, Json> =
            (0..3).map(|n| (format!("v{n}"), json!({"value": self.secret()}))).collect();
        let defaults: Map<String, Json> = (0..3)
            .map(|n| {
                let description = self.text();
                (
                    format!("v{n}"),
                    json!({"default": self.secret(), "sensitive": n == 1, "description": description}),
                )
            })
            .collect();
        let outputs =
            json!({"o": {"sensitive": self.dice.one_in(2), "type": "string", "value": self.secret()}});
        let child = |resources: &[Json]| json!([{"address": "module.m", "resources": resources}]);
        let moved = prior.split_off(prior.len() / 2);
        json!({
            "format_version": "1.2", "terraform_version": "1.14.0", "timestamp": "2023-09-22T10:00:00Z",
            "applyable": true, "complete": true, "errored": false,
            "variables": variables,
            "planned_values": {"outputs": outputs, "root_module": {"resources": planned, "child_modules": child(&planned)}},
            "resource_changes": changes,
            "resource_drift": drift,
            "output_changes": {"o": {"actions": ["update"], "before": self.secret(), "after": self.secret(),
                "after_unknown": false, "before_sensitive": false, "after_sensitive": false}},
            "prior_state": {"format_version": "1.0", "terraform_version": "1.14.0", "values": {"outputs": outputs,
                "root_module": {"resources": prior, "child_modules": child(&moved)}}},
            "configuration": {
                "provider_config": {"azurerm": {"name": "azurerm", "full_name": "x",
                    "expressions": {"client_secret": {"constant_value": self.secret()}, "features": [{}]}}},
                "root_module": {
                    "outputs": {"o": {"expression": {"constant_value": self.secret()}, "description": self.text()}},
                    "resources": blocks,
                    "variables": defaults,
                    "module_calls": {"m": {"source": "./m", "expressions": {"in": {"constant_value": self.secret()}},
                        "module": {"variables": {"in": {"default": self.secret()}}}}},
                }},
            "relevant_attributes": [{"resource": "azurerm_user_assigned_identity.thing_1", "attribute": ["tags", self.text()]}],
            "checks": [{"address": {"kind": "check", "to_display": "check.c", "name": "c"}, "status": "fail",
                "instances": [{"address": {"to_display": "check.c"}, "status": "fail", "problems": [{"message": self.text()}]}]}],
            "action_invocations": [{"address": "action.x.y", "type": "x", "name": "y", "config_values": {"body": self.secret()},
                "config_sensitive": {}, "config_unknown": {},
                "lifecycle_action_trigger": {"triggering_resource_address": "a.b", "action_trigger_event": "AfterCreate"}}],
            "deferred_changes": [{"reason": "unknown", "resource_change": {"address": "d.d", "mode": "managed", "type": "d",
                "name": "d", "change": {"actions": ["create"], "before": null, "after": {"v": self.secret()}}}}],
        })
    }

    /// The values with another secret wherever there was one.
    fn poisoned(&mut self, values: &Json) -> Json {
        let mut values = values.clone();
        if let Some(map) = values.as_object_mut() {
            map.insert("was".to_owned(), self.secret());
        }
        values
    }

    fn entry(&mut self, address: &str, thing: &Thing) -> Json {
        let actions = self.dice.of(&[
            &["delete"][..],
            &["delete"],
            &["delete", "create"],
            &["create", "delete"],
            &["update"],
            &["create"],
            &["no-op"],
            &["forget"],
            &["create", "forget"],
            &["evaporate"],
        ]);
        let before = if actions == ["create"] { Json::Null } else { self.poisoned(&thing.values) };
        let after = if actions == ["delete"] || actions == ["forget"] {
            Json::Null
        } else {
            self.poisoned(&thing.values)
        };
        // A value that is sensitive in one place is so in all.
        let [mut of_before, mut of_after] = [json!(false), json!(false)];
        match self.dice.below(3) {
            0 => of_before = thing.marks.clone(),
            1 => of_after = thing.marks.clone(),
            _ => (of_before, of_after) = (thing.marks.clone(), thing.marks.clone()),
        }
        let mut entry = json!({"address": address, "mode": "managed", "type": thing.kind,
            "name": address.rsplit('.').next(), "provider_name": "registry.terraform.io/x/y",
            "change": {"actions": actions, "before": before, "after": after, "after_unknown": {"etag": true},
                "before_sensitive": of_before, "after_sensitive": of_after}});
        if self.dice.one_in(5) {
            entry["change"]["importing"] = json!({"identity": {"key": self.secret()}});
            entry["change"]["generated_config"] =
                json!(format!("resource \"x\" \"y\" {{ # {}\n }}", self.text()));
            entry["change"]["before_identity"] = json!({"key": self.secret()});
        }
        if self.dice.one_in(8) {
            entry["deposed"] = json!("0a1b2c3d");
        }
        if self.dice.one_in(8) {
            entry["change"]["after_unknown"] = json!(true);
        }
        entry
    }

    /// What the configuration has of it.
    fn block(&mut self, address: &str, kind: &str, name: &str) -> Json {
        json!({"address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": "azurerm",
            "expressions": {
                "password": {"constant_value": self.secret()},
                "scope": {"references": ["azurerm_user_assigned_identity.thing_1.id", "azurerm_user_assigned_identity.thing_1"]},
                "block": [{"inner": {"constant_value": self.secret()}, "references": {"constant_value": self.secret()}}]},
            "provisioners": [{"type": "local-exec", "expressions": {"command": {"constant_value": self.secret()}}}],
            "for_each_expression": {"constant_value": self.secret()}})
    }

    /// One object. Those with low numbers are always there, so that others can rest on them.
    fn thing(&mut self, number: usize) -> Thing {
        let id = |kind: &str| format!("{SUBSCRIPTION}/resourceGroups/r/providers/{kind}/thing-{number}");
        let choice = if number < 4 { number } else { self.dice.below(20) };
        let (kind, values, mut marks) = match choice {
            0 => (
                "azurerm_role_assignment",
                json!({"id": id("Microsoft.Authorization/roleAssignments"), "name": self.hex(),
                    "principal_id": "22222222-aaaa-4bbb-8ccc-222222222222", "principal_type": "ServicePrincipal",
                    "role_definition_name": "DNS Zone Contributor", "scope": id("Microsoft.Network/dnsZones"),
                    "description": self.text(), "delegated_managed_identity_resource_id": self.text()}),
                json!({}),
            ),
            1 => (
                "azurerm_user_assigned_identity",
                json!({"id": id("Microsoft.ManagedIdentity/userAssignedIdentities"), "name": "thing",
                    "principal_id": "22222222-aaaa-4bbb-8ccc-222222222222", "client_id": "33333333-aaaa-4bbb-8ccc-333333333333",
                    "tenant_id": "0cafe0ca-beef-4000-8000-000000000000", "tags": {"owner": self.text()}}),
                json!({}),
            ),
            2 => ("kubernetes_deployment", self.deployment(number), json!({})),
            3 => (
                "kubernetes_service_account",
                json!({"metadata": [{"name": "runner", "namespace": "prod",
                    "annotations": {"azure.workload.identity/client-id": "33333333-aaaa-4bbb-8ccc-333333333333",
                        "note": self.text()}, "labels": {"team": self.text()}}], "secret": [{"name": self.text()}]}),
                json!({}),
            ),
            4 => (
                "kubernetes_secret",
                json!({"metadata": [{"name": format!("secret-{number}"), "namespace": "prod"}],
                    "data": {"token": self.secret()}, "binary_data": {"key": self.text()}, "type": "Opaque"}),
                json!({}),
            ),
            5 => (
                "kubernetes_config_map",
                json!({"metadata": [{"name": format!("map-{number}"), "namespace": "prod"}], "data": {"conf": self.secret()}}),
                json!({}),
            ),
            6 => (
                "kubernetes_manifest",
                json!({"manifest": {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "issuer"},
                    "spec": {"acme": {"server": "https://acme.example.io", "privateKeySecretRef": {"name": "account"},
                        "externalAccountBinding": {"keyID": self.text(), "key": self.secret()},
                        "solvers": [{"dns01": {"webhook": {"config": self.secret()}}}]}}}, "object": self.secret()}),
                json!({}),
            ),
            7 => (
                // The kind itself is sensitive: only taking the value away hides it.
                "kubernetes_manifest",
                json!({"manifest": {"apiVersion": "v1", "kind": self.hidden(), "metadata": {"name": "m"}}}),
                json!({"manifest": {"kind": true}}),
            ),
            8 => (
                "azuread_application_password",
                json!({"id": format!("{}/password/x", self.hex()), "key_id": self.hex(), "display_name": "main",
                    "application_id": "/applications/a", "value": self.secret()}),
                json!({}),
            ),
            9 => (
                "azurerm_linux_function_app",
                json!({"id": id("Microsoft.Web/sites"), "name": "app", "app_settings": {"KEY": self.secret()},
                    "connection_string": [{"name": "db", "value": self.secret()}], "site_credential": self.secret(),
                    "identity": [{"type": "SystemAssigned", "principal_id": self.hex()}]}),
                json!({}),
            ),
            10 => (
                "google_project_iam_member",
                json!({"id": "p/r/m", "project": "p", "role": "roles/viewer", "member": "serviceAccount:x@p.iam", "etag": self.text()}),
                json!({}),
            ),
            11 => (
                "aws_iam_role",
                json!({"id": "role", "name": "role", "arn": "arn:aws:iam::1:role/role", "unique_id": "AROA1",
                    "assume_role_policy": self.text(), "description": self.text(), "tags": {"a": self.text()}}),
                json!({}),
            ),
            12 => (
                "random_password",
                json!({"id": "none", "result": self.secret(), "bcrypt_hash": self.text()}),
                json!({}),
            ),
            13 => {
                let result = self.text();
                ("random_string", json!({"id": result, "result": result, "length": 16}), json!({}))
            }
            14 => (
                "vault_token",
                json!({"id": self.text(), "client_token": self.text(), "policies": ["p"]}),
                json!({}),
            ),
            15 => (
                "azurerm_key_vault_secret",
                json!({"id": "https://v.vault.azure.net/secrets/s/1", "name": "s", "value": self.secret(),
                    "content_type": self.text()}),
                json!({}),
            ),
            16 => (
                // Identities and names that are marked.
                "azurerm_user_assigned_identity",
                json!({"id": self.hidden(), "name": self.hidden(), "principal_id": self.hidden(), "client_id": self.hidden()}),
                json!({"id": true, "name": true, "principal_id": true, "client_id": true}),
            ),
            17 => (
                "azurerm_role_assignment",
                json!({"id": self.hidden(), "principal_id": self.hidden(), "role_definition_name": self.hidden(),
                    "scope": self.hidden(), "condition": self.hidden()}),
                json!({"id": true, "principal_id": true, "role_definition_name": true, "scope": true, "condition": true}),
            ),
            18 => (
                "kubernetes_deployment",
                json!({"metadata": [{"name": self.hidden(), "namespace": self.hidden()}],
                    "spec": [{"template": [{"spec": [{"service_account_name": self.hidden()}]}]}]}),
                if self.dice.one_in(2) { json!(true) } else { json!({"metadata": true, "spec": [true]}) },
            ),
            _ => (
                "acme_thing",
                json!({"id": self.text(), "name": "plain", "token": self.secret(), "list": [self.secret(), {"x": self.secret()}],
                    "map": {"k": self.secret()}, "url": format!("https://u:{}@example.io", self.text())}),
                json!({}),
            ),
        };
        let mut values = values;
        if let (Some(values), Some(marks)) = (values.as_object_mut(), marks.as_object_mut()) {
            values.insert("hidden".to_owned(), self.hidden());
            marks.insert("hidden".to_owned(), json!(true));
            values.insert("timeouts".to_owned(), self.secret());
        }
        Thing { kind, values, marks }
    }

    fn deployment(&mut self, number: usize) -> Json {
        let container = json!({"name": "main", "image": self.text(), "args": [self.text()], "command": ["run", self.text()],
            "env": [{"name": "PASSWORD", "value": self.text()},
                {"name": "REF", "value_from": [{"secret_key_ref": [{"name": "settings", "key": "k"}]}]}],
            "liveness_probe": [{"http_get": [{"path": self.text(), "http_header": [{"name": "auth", "value": self.text()}]}]}]});
        json!({"metadata": [{"name": format!("app-{number}"), "namespace": "prod",
                "annotations": {"config": self.text()}, "labels": {"x": self.text()}}],
            "spec": [{"replicas": 1, "template": [{"metadata": [{"annotations": {"checksum": self.text()}}],
                "spec": [{"service_account_name": "runner", "container": [container],
                    "volume": [{"name": "v", "host_path": [{"path": self.text()}]}]}]}]}]})
    }

    /// A dump of a cluster with secrets in it.
    pub fn cluster(&mut self) -> Json {
        let last = "kubectl.kubernetes.io/last-applied-configuration";
        json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "settings", "namespace": "prod",
                "annotations": {last: self.text(), "x": self.text()}, "managedFields": [{"manager": self.text()}]},
                "data": {"k": self.text()}, "stringData": {"k": self.text()}},
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map", "namespace": "prod"}, "data": {"k": self.text()}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runner", "namespace": "prod",
                "annotations": {"azure.workload.identity/client-id": "33333333-aaaa-4bbb-8ccc-333333333333"}}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "live", "namespace": "prod",
                "annotations": {last: self.text()}, "labels": {"x": self.text()}},
                "spec": {"template": {"spec": {"serviceAccountName": "runner", "containers": [{"name": "main",
                    "image": self.text(), "args": [self.text()], "env": [{"name": "A", "value": self.secret()}]}]}}},
                "status": {"conditions": [{"message": self.text()}]}}]})
    }

    /// A listing of identities with secrets in it.
    pub fn identities(&mut self) -> Json {
        json!([{"id": format!("{SUBSCRIPTION}/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/thing-1"),
            "name": "thing", "principalId": "22222222-aaaa-4bbb-8ccc-222222222222",
            "clientId": "33333333-aaaa-4bbb-8ccc-333333333333", "tags": {"note": self.text()}, "location": self.text(),
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "clientSecretUrl": self.text()}])
    }

    /// The text of a plan, broken in one of many ways; most break where a secret stands.
    pub fn broken(&mut self, plan: &Json) -> Vec<u8> {
        let secret = self.text();
        let odd = self.dice.of(&["string", "object", "list", "number"]);
        let odd = match odd {
            "string" => json!(secret),
            "object" => json!({"v": secret, secret.clone(): [secret]}),
            "list" => json!([secret, {"v": secret}]),
            _ => json!(7_735_091_446_u64),
        };
        let mut plan = plan.clone();
        let place = self.dice.of(&[
            "/resource_changes",
            "/resource_changes/0",
            "/resource_changes/0/address",
            "/resource_changes/0/mode",
            "/resource_changes/0/type",
            "/resource_changes/0/change",
            "/resource_changes/0/change/actions",
            "/resource_changes/0/change/before",
            "/resource_changes/0/change/after",
            "/resource_changes/0/change/after_unknown",
            "/resource_changes/0/change/before_sensitive",
            "/resource_changes/0/change/after_sensitive",
            "/prior_state",
            "/prior_state/values",
            "/prior_state/values/root_module",
            "/prior_state/values/root_module/resources",
            "/prior_state/values/root_module/resources/0",
            "/prior_state/values/root_module/resources/0/values",
            "/prior_state/values/root_module/resources/0/sensitive_values",
            "/prior_state/values/root_module/child_modules",
            "/configuration",
            "/configuration/root_module",
            "/configuration/root_module/resources",
            "/configuration/root_module/resources/0/expressions",
            "/configuration/root_module/resources/0/provisioners",
            "/configuration/root_module/module_calls",
            "/configuration/root_module/module_calls/m/module",
            "/configuration/root_module/outputs",
            "/configuration/provider_config",
            "/complete",
            "/errored",
            "/timestamp",
            "/resource_drift",
            "/deferred_changes",
            "/variables",
            "/planned_values",
        ]);
        // Words that stand for themselves in a report are no values: an action or a type is printed as it is written.
        let word = odd.is_string() || odd.is_array();
        let printed = ["address", "mode", "type", "actions"].iter().any(|end| place.ends_with(end));
        // A mask of the right form that marks nothing is no broken one.
        let odd = if place.contains("sensitive") && odd.is_object() { json!(secret) } else { odd };
        if let Some(there) = plan.pointer_mut(place).filter(|_| !(word && printed)) {
            *there = odd;
        }
        let mut text = plan.to_string();
        match self.dice.below(9) {
            // In the midst of a secret, or anywhere.
            0 => {
                let all: Vec<usize> = text.match_indices("cnry").map(|(at, _)| at + 6).collect();
                text.truncate(if all.is_empty() { text.len() / 2 } else { self.dice.of(&all) });
            }
            1 => text.truncate(self.dice.below(text.len())),
            2 => text = text.replacen("cnry", "cnry\\q", 1),
            3 => text = text.replacen("cnry", "cnry\\ud800", 1),
            4 => text = text.replacen("cnry", "cnry\n", 1),
            5 => text = text.replacen("\"cnry", "cnry", 1),
            6 => {
                text = text.replacen(
                    "\"change\":{",
                    &format!("\"change\":{{\"before\":\"{secret}\",\"before\":\"{secret}\","),
                    1,
                )
            }
            7 => {
                let key = self.dice.of(&["Number", "RawValue"]);
                let magic = format!("{{\"$serde_json::private::{key}\":\"{secret}\"}}");
                text = text.replacen("\"cnry", &format!("{magic},\"cnry"), 1);
            }
            _ => {
                let mut bytes = text.into_bytes();
                let at = bytes.windows(4).position(|window| window == b"cnry").unwrap_or_default();
                bytes[at + 1] = 0xff;
                return bytes;
            }
        }
        text.into_bytes()
    }
}
