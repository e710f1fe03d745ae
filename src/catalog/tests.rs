use super::Catalog;

#[test]
fn what_is_wrong_with_a_file_is_told_on_one_line_with_its_place() {
    let wrong = |text: &str| Catalog::default().add("own.toml", text).unwrap_err().to_string();
    let typo = wrong("[[type]]\nkind = \"x\"\nclas = \"workload\"\n");
    assert!(typo.starts_with("own.toml:3:1: unknown field `clas`, expected one of `kind`"), "{typo}");
    let class = wrong("[[type]]\nkind = \"x\"\nclass = \"capability\"\n");
    assert!(class.starts_with("own.toml:3:9: unknown variant `capability`"), "{class}");
    assert!(!class.contains("`unseen`") && !class.contains('\n'), "{class}");
    let pattern = wrong("[[type]]\nkind = \"x\"\nwhen = [{ path = \"a\", matches = \"(\" }]\n");
    assert_eq!(pattern, "own.toml: type `x`: `(` is not a regular expression: unclosed group");
    assert_eq!(wrong("[[type]]\nclass = \"workload\"\n"), "own.toml: a [[type]] has no `kind`");
}
