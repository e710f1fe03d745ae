//! Cases of the language, each checked by hand or with `terraform console`.

use super::*;
use crate::plan::configuration::Expression;

/// The references of one expression.
fn of(expression: &str) -> Vec<String> {
    let file = read("main.tf", format!("x = {expression}\n").as_bytes());
    assert!(file.whole, "{expression}");
    assert_eq!(file.body.attributes.len(), 1, "{expression}: {:?}", file.body);
    file.body.attribute("x").unwrap().tree.references()
}

#[test]
fn expressions_refer_to_what_they_name() {
    let cases: &[(&str, &[&str])] = &[
        // Literals and keywords.
        ("1.5e-3", &[]),
        ("true ? null : -2", &[]),
        (r#""a.b.c""#, &[]),
        ("[1, 2.5, \"x\"]", &[]),
        // Steps.
        ("a.b", &["a.b"]),
        ("a.b.c.d", &["a.b.c.d"]),
        ("a.b[0].id", &["a.b[0].id"]),
        ("a.b.0.id", &["a.b[0].id"]),
        ("a.b.0.1", &["a.b[0][1]"]),
        (r#"a.b["k.[x]"].id"#, &[r#"a.b["k.[x]"].id"#]),
        (r#"a.b["x\"]"].id"#, &[r#"a.b["x\"]"].id"#]),
        ("a.b[*].id", &["a.b"]),
        ("a.b.*.id", &["a.b"]),
        ("a.b[count.index].id", &["a.b", "count.index"]),
        (r#"a.b["${each.key}"].id"#, &["a.b", "each.key"]),
        ("a.b[c.d.e].id[f.g.h]", &["a.b", "c.d.e", "f.g.h"]),
        ("data.t.n.id", &["data.t.n.id"]),
        ("resource.t.n.id", &["t.n.id"]),
        ("module.m[0].o.id", &["module.m[0].o.id"]),
        ("module.m[\"b.c\"].o", &["module.m[\"b.c\"].o"]),
        ("module.m", &["module.m"]),
        ("größe.名前.x", &["größe.名前.x"]),
        ("a-b.c-d.e", &["a-b.c-d.e"]),
        ("(a.b).c", &["a.b"]),
        ("[a.b.c, a.b.c]", &["a.b.c"]),
        // Operators.
        ("a.b.c==d.e.f&&!g.h.i", &["a.b.c", "d.e.f", "g.h.i"]),
        (
            "a.b.c != d.e.f || g.h >= i.j - k.l/m.n%o.p",
            &["a.b.c", "d.e.f", "g.h", "i.j", "k.l", "m.n", "o.p"],
        ),
        ("var.x ? a.b : c.d", &["var.x", "a.b", "c.d"]),
        ("a.b/*c.d*/+e.f", &["a.b", "e.f"]),
        ("a.b // c.d", &["a.b"]),
        ("a.b # ${c.d}", &["a.b"]),
        // Calls.
        ("f(a.b, g(c.d...))", &["a.b", "c.d"]),
        ("provider::x::f(a.b)", &["a.b"]),
        ("templatefile(\"x.tpl\", { a = b.c })", &["b.c"]),
        // Objects.
        ("{ a = b.c, d : e.f }", &["b.c", "e.f"]),
        ("{ (a.b) = 1, \"${c.d}\" = 2, \"e.f\" = 3 }", &["a.b", "c.d"]),
        ("{\n a = b.c\n d = e.f // g.h\n\n}", &["b.c", "e.f"]),
        ("{ a.b = 1 }", &["a.b"]),
        ("{ for = a.b }", &["a.b"]),
        ("{ a = x.y ? b.c : d.e, f = g.h }", &["x.y", "b.c", "d.e", "g.h"]),
        ("{ a = { b = c.d }, e = [f.g] }", &["c.d", "f.g"]),
        ("{ a == b.c ? d.e : f.g }", &["b.c", "d.e", "f.g"]),
        // Loops: their names hold behind the colon only.
        ("[for x in a.b : x.id]", &["a.b"]),
        ("[for x in x.y : x.id if x.on]", &["x.y"]),
        ("{ for k, v in a.b : k => v.id... if c.d }", &["a.b", "c.d"]),
        ("[for x in true ? a.b : c.d : x.id]", &["a.b", "c.d"]),
        ("[\n for x in a.b :\n x.id\n]", &["a.b"]),
        ("[[for x in a.b : x.id], x.y]", &["a.b", "x.y"]),
        ("[for x in a.b : [for y in x.c : y.d + z.e]]", &["a.b", "z.e"]),
        ("{for k in a.b : k.id => {for = c.d}}", &["a.b", "c.d"]),
        // Templates.
        (r#""x${a.b}y${c.d}""#, &["a.b", "c.d"]),
        (r#""$${a.b} $$${c.d} %%{e.f}""#, &[]),
        (r#""\"${a.b}\\""#, &["a.b"]),
        (r#""${"${a.b}-${{ x = c.d }["x"]}"}""#, &["a.b", "c.d"]),
        (r#""${~ a.b ~}""#, &["a.b"]),
        (r#""%{ if a.b }${c.d}%{ else }${e.f}%{ endif }""#, &["a.b", "c.d", "e.f"]),
        (r#""%{~ for k, v in a.b ~}${k.x}${v.y}%{ endfor }${v.z}""#, &["a.b", "v.z"]),
        (r#""% $ { a.b } 100%""#, &[]),
        ("<<EOT\n${a.b} \" ' \\${c.d}\n EOT2\n  EOT", &["a.b", "c.d"]),
        ("<<-EOT\n  $${a.b}\n  ${<<IN\n${c.d}\nIN\n}\n  EOT", &["c.d"]),
        ("f(<<A\n${a.b}\nA\n, c.d)", &["a.b", "c.d"]),
        ("<<EOT\nEOT", &[]),
        // Ends of lines within brackets.
        ("(\n a\n .b\n .c\n ||\n d.e\n)", &["a.b.c", "d.e"]),
        ("f(\n a.b,\n c.d,\n)", &["a.b", "c.d"]),
        ("\"${\n a.b\n}\"", &["a.b"]),
    ];
    for (expression, expected) in cases {
        assert_eq!(of(expression), *expected, "{expression}");
    }
}

#[test]
fn blocks_have_their_labels_and_lines() {
    let text = "\u{feff}# resource \"no\" \"no\" {}\r\nresource \"t\" \"a\" {\r\n  x = 1\r\n  inner {\r\n    y = a.b\r\n  }\r\n}\r\n\
        /* two\nlines */ resource t \"b\" { z = c.d }\nlocals {}\nl = <<E\n}\nE\nmodule \"m\" {\n}\n";
    let file = read("x.tf", text.as_bytes());
    assert!(file.whole);
    let seen: Vec<(&str, Vec<&str>, usize)> = file
        .body
        .blocks
        .iter()
        .map(|block| (block.kind.as_str(), block.labels.iter().map(String::as_str).collect(), block.line))
        .collect();
    assert_eq!(
        seen,
        [
            ("resource", vec!["t", "a"], 2),
            ("resource", vec!["t", "b"], 9),
            ("locals", vec![], 10),
            ("module", vec!["m"], 14)
        ]
    );
    let inner = &file.body.blocks[0].body.blocks[0];
    assert_eq!((inner.kind.as_str(), inner.line), ("inner", 4));
    assert_eq!(inner.body.attribute("y").unwrap().tree, Expression::References(vec!["a.b".into()]));
    assert_eq!(file.body.blocks[1].body.attribute("z").unwrap().tree.references(), ["c.d"]);
}

#[test]
fn plain_forms_are_kept() {
    let text = "a = \"./x\"\nb = aws.west\nc = true\nd = \"${x.y}\"\ne = m.r[\"k\"]\nf = { aws = aws.west, aws.x : aws.y\n b = b }\n\
        depends_on = [\"a.b\", c.d, e[\"f\"].g]\n";
    let body = read("x.tf", text.as_bytes()).body;
    let plain: Vec<Option<&str>> = ["a", "b", "c", "d", "e"].iter().map(|name| body.plain(name)).collect();
    assert_eq!(plain, [Some("./x"), Some("aws.west"), Some("true"), None, Some("m.r[\"k\"]")]);
    let pairs: Vec<(&str, &str)> = body
        .attribute("f")
        .unwrap()
        .pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(pairs, [("aws", "aws.west"), ("aws.x", "aws.y"), ("b", "b")]);
    let mut depends = body.attribute("depends_on").unwrap().tree.references();
    depends.sort();
    assert_eq!(depends, ["a.b", "c.d", "e[\"f\"].g"]);
}

#[test]
fn what_is_broken_is_passed_over_and_told() {
    let cases = [
        "resource \"t\" \"a\" {\n  x = a.b\n",
        "x = \"unclosed\n",
        "x = <<EOT\nnever ends\n",
        "/* never ends",
        "x = (a.b\n",
        "} resource \"t\" \"a\" {}\n",
        "= 1\nresource \"t\" \"a\" {}\n",
        "x = \u{1}\n",
        "x \"y\n",
    ];
    for text in cases {
        assert!(!read("x.tf", text.as_bytes()).whole, "{text:?}");
    }
    assert!(!read("x.tf", b"x = \"\xff\"\n").whole);
    assert!(!read("x.tf.json", b"{").whole);
    let file = read("x.tf", b"= 1\nresource \"t\" \"a\" {}\n");
    assert_eq!(file.body.blocks.len(), 1);
}

#[test]
fn depth_and_width_have_bounds() {
    for unit in [
        "{",
        "[",
        "(",
        "a {\n",
        "x = {\n",
        "\"${",
        "x = [for a in ",
        "%{",
        "<<E\n${",
        "a.b[",
        "\"%{ for x in ",
    ] {
        for text in [unit.repeat(5_000), format!("x = {}", unit.repeat(5_000))] {
            assert!(!read("x.tf", text.as_bytes()).whole, "{unit:?}");
            let _ = read("x.tf.json", format!("{{\"locals\": {{\"x\": {text:?}}}}}").as_bytes());
        }
    }
    let wide = format!("x = [{}]\n", "a.b, ".repeat(20_000));
    assert_eq!(read("x.tf", wide.as_bytes()).body.attribute("x").unwrap().tree.references(), ["a.b"]);
}

#[test]
fn the_json_syntax_says_the_same() {
    let text = r#"{
  "//": "a comment",
  "resource": {
    "t": {
      "a": {
        "//": "${no.one}",
        "name": "x-${b.c.id}",
        "tags": {"k": "${d.e}", "${f.g}": 1},
        "rule": [{"port": "${h.i.port}"}],
        "count": "${length(j.k)}",
        "depends_on": ["l.m", "module.n"],
        "provider": "aws.west",
        "dynamic": {"part": {"for_each": "${o.p}", "content": {"x": "${part.value.y}"}}},
        "provisioner": [{"local-exec": {"command": "${q.r}"}}],
        "lifecycle": {"replace_triggered_by": ["s.t"], "ignore_changes": ["tags"]}
      },
      "b": [{"name": "$${no.one}"}]
    }
  },
  "locals": [{"one": "${u.v}"}, {"two": ["${w.x}"]}],
  "module": {"m": {"source": "./m", "providers": {"aws": "aws.west"}}},
  "removed": {"from": "t.gone"}
}"#;
    let file = read("main.tf.json", text.as_bytes());
    assert!(file.whole);
    let resource = &file.body.blocks[0];
    assert_eq!((resource.labels.clone(), resource.line), (vec!["t".to_owned(), "a".to_owned()], 5));
    let body = &resource.body;
    let of = |name: &str| body.attribute(name).unwrap().tree.references();
    assert_eq!(of("name"), ["b.c.id"]);
    assert_eq!(of("tags"), ["f.g", "d.e"]);
    assert_eq!(of("rule"), ["h.i.port"]);
    assert_eq!(of("count"), ["j.k"]);
    assert_eq!(of("depends_on"), ["l.m", "module.n"]);
    assert_eq!(body.plain("provider"), Some("aws.west"));
    let kinds: Vec<&str> = body.blocks.iter().map(|block| block.kind.as_str()).collect();
    assert_eq!(kinds, ["dynamic", "lifecycle", "provisioner"]);
    assert_eq!(body.blocks[2].body.attribute("command").unwrap().tree.references(), ["q.r"]);
    assert_eq!(file.body.of("locals").count(), 2);
    assert_eq!(file.body.of("removed").next().unwrap().body.plain("from"), Some("t.gone"));
    assert!(file.body.blocks[1].body.attribute("name").unwrap().tree.references().is_empty());
}
