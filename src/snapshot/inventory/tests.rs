use super::*;
use crate::model::Listed;
use std::fs;
use tempfile::TempDir;

struct Read {
    source: Source,
    inventory: Inventory,
    notes: Vec<String>,
}

impl Read {
    fn lists(&self, key: &str) -> bool {
        self.inventory.lists(&Plain::text(key)) == Listed::Exactly
    }
}

/// Reads a file with this text, and a sidecar with that one.
fn read(text: impl AsRef<[u8]>, sidecar: Option<&str>) -> Result<Read, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("devices");
    fs::write(&path, text).unwrap();
    if let Some(sidecar) = sidecar {
        fs::write(folder.path().join("devices.meta.json"), sidecar).unwrap();
    }
    at(&path, None)
}

fn at(path: &Path, taken_at: Option<&str>) -> Result<Read, String> {
    let taken_at = taken_at.map(|text| text.parse().unwrap());
    let asked = Asked { path, shown: "devices", key: "udid", taken_at, source: SourceIx(3) };
    let settings = Settings {
        now: "2025-01-16T18:00:00Z".parse().unwrap(),
        max_age_seconds: 7 * 86_400,
        inventories: &[],
    };
    let mut notes = Vec::new();
    match inventory(asked, &settings, &mut notes) {
        Ok((source, inventory)) => Ok(Read { source, inventory, notes }),
        Err(error) => Err(error.to_string()),
    }
}

const FRESH: Option<&str> = Some(r#"{"taken_at": "2025-01-16T10:00:00Z"}"#);

#[test]
fn tables_and_lists_say_the_same() {
    let utf16: Vec<u8> = std::iter::once(0xfeffu16)
        .chain("UDID,name\r\nA-1,x\r\n7,y\r\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for text in [
        b"name,UDID\nx,A-1\ny,7\n".to_vec(),
        "\u{feff}\"Udid\",\"name\"\r\n\"A-1\",\"x, \"\"y\"\"\"\r\n\"7\",\r\n".into(),
        utf16,
        br#"[{"udid": "A-1"}, {"UDID": 7, "name": "y"}]"#.to_vec(),
        "\u{feff}{\"total\": 2, \"results\": [{\"udid\": \"A-1\"}, {\"udid\": \"7\"}]}".into(),
        b"{\"udid\": \"A-1\"}\n{\"udid\": \"7\"}\n".to_vec(),
    ] {
        let read = read(&text, FRESH).unwrap();
        assert!(read.lists("A-1") && read.lists("7") && !read.lists("name"), "{text:?}");
        assert_eq!((read.source.objects, &*read.source.kind), (2, "inventory"));
        assert_eq!((read.source.doubt, read.notes), (None, vec![]));
        assert_eq!(read.inventory.source, SourceIx(3));
    }
    // Read, and it lists nothing.
    assert_eq!(read("udid\n", FRESH).unwrap().source.objects, 0);
    assert_eq!(read("[]", FRESH).unwrap().source.objects, 0);
}

#[test]
fn the_name_as_written_comes_first() {
    assert!(read("UDID,udid\nA,B\n", FRESH).unwrap().lists("B"));
    assert!(read("Udid,UDID\nA,B\n", FRESH).is_err_and(|error| error.contains("several could be the key")));
    assert!(read(r#"[{"Udid": "A", "UDID": "B"}]"#, FRESH).is_err());
}

#[test]
fn rows_of_no_use_are_counted_and_said() {
    let read = read("udid,name\nA,1\nA,2\n,3\n  ,4\nA,5\nB,6\n", FRESH).unwrap();
    assert_eq!(read.source.objects, 6);
    assert_eq!(
        read.notes,
        [
            "devices: 2 rows have a `udid` that a row before has too; they count once",
            "devices: 2 rows have no `udid`: nothing can match there",
        ]
    );
    let json = self::read(r#"[{"udid": "A"}, {"udid": null}, {"udid": "A"}, {"udid": "C"}]"#, FRESH).unwrap();
    assert_eq!(
        json.notes,
        [
            "devices: 1 row has a `udid` that a row before has too; they count once",
            "devices: 1 row has no `udid`: nothing can match there",
        ]
    );
}

#[test]
fn what_cannot_be_parsed_is_an_error_with_file_and_row() {
    for (text, place) in [
        ("", "devices: the file is empty"),
        (" \n", "devices: the file is empty"),
        ("serial,name\n1,2\n", "no column is named so, but `serial`, `name`;"),
        ("serial;udid\n1;2\n", "no column is named so, but `serial;udid`;"),
        ("udid,name\nA,1\nB\n", "devices: row 3: 1 fields, and the header has 2"),
        ("udid,name\nA,1\n\"B,2\n", "devices: row 3: a quote is opened"),
        ("[{\"udid\": \"A\"},", "devices: not JSON: EOF"),
        ("[{\"udid\": \"A\"}, 7]", "devices: row 2: it is no object"),
        ("[{\"udid\": [\"A\"]}]", "devices: row 1: its key is neither"),
        ("[{\"serial\": \"A\"}]", "no row has such a key"),
        ("{\"a\": 1}", "no list in it"),
        ("{\"a\": [], \"b\": []}", "several lists"),
    ] {
        let error = read(text, FRESH).err().unwrap_or_else(|| panic!("{text} is read"));
        assert!(error.contains(place), "{text}: {error}");
        assert!(error.contains("one column or key is named `udid`"), "{error}");
    }
}

#[test]
fn it_is_as_old_as_its_sidecar_or_the_configuration_says() {
    let old = read("udid\nA\n", Some(r#"{"taken_at": "2025-01-01T00:00:00Z"}"#)).unwrap();
    assert!(matches!(old.source.doubt, Some(Doubt::Old(why)) if why.contains("15 days ago")));
    let unknown = read("udid\nA\n", None).unwrap();
    assert!(matches!(unknown.source.doubt, Some(Doubt::Old(why)) if why.contains("devices.meta.json")));
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("devices");
    fs::write(&path, "udid\nA\n").unwrap();
    assert_eq!(at(&path, Some("2025-01-16T00:00:00Z")).unwrap().source.doubt, None);
}

#[test]
fn one_that_is_not_there_is_missing_and_no_error() {
    let folder = TempDir::new().unwrap();
    let absent = at(&folder.path().join("devices"), None).unwrap();
    assert!(matches!(absent.source.doubt, Some(Doubt::Absent(_))));
    assert_eq!(absent.source.kind, "inventory");
    assert_eq!(absent.source.missed(), None, "it lists nothing but its population");
    assert!(at(folder.path(), None).is_err(), "a directory is no inventory");
}
