//! Metadata: where it is found, what wins, and when it refuses the run.

use super::*;
use crate::run::MetadataOrigin;

#[test]
fn without_metadata_the_file_name_is_the_id() {
    let folder = Folder::new();
    let run = read(&folder.write("load_50.parquet", requests(1))).unwrap();
    assert_eq!(run.file.metadata_origin(), MetadataOrigin::None);
    assert_eq!(run.file.run_id(), "load_50");
    let run = read(&folder.write("load 50.parquet", requests(1))).unwrap();
    assert_eq!(run.file.run_id(), "load_50");
    assert_eq!(run.report.notes, ["the file name \"load 50\" is no valid run id: `load_50` is used"]);
}

#[test]
fn the_footer_comes_before_the_sidecar_and_the_sidecar_before_the_folder() {
    let folder = Folder::new();
    let text = r#"{"run_id": "from_footer", "users": 50, "complete": false, "novel": [1]}"#;
    folder.write_with("run/part-0.parquet", requests(1), 100, Some(text));
    std::fs::write(folder.path("run.run.json"), r#"{"run_id": "from_sidecar"}"#).unwrap();
    std::fs::write(folder.path("run/_run.json"), r#"{"run_id": "from_folder"}"#).unwrap();
    let run = read(&folder.path("run")).unwrap();
    assert_eq!((run.file.run_id(), run.file.metadata_origin()), ("from_footer", MetadataOrigin::Footer));
    assert_eq!(run.file.metadata().users, Some(50));
    assert_eq!(run.file.metadata().other["novel"], serde_json::json!([1]));
    assert_eq!(run.report.complete, Some(false));
    let expected = [
        "metadata taken from the file itself; that in run.run.json is not used",
        "metadata taken from the file itself; that in _run.json is not used",
    ];
    assert_eq!(run.report.notes, expected);
    folder.write("run/part-0.parquet", requests(1));
    let run = read(&folder.path("run")).unwrap();
    assert_eq!((run.file.run_id(), run.file.metadata_origin()), ("from_sidecar", MetadataOrigin::Sidecar));
    std::fs::remove_file(folder.path("run.run.json")).unwrap();
    let run = read(&folder.path("run")).unwrap();
    assert_eq!((run.file.run_id(), run.file.metadata_origin()), ("from_folder", MetadataOrigin::Folder));
}

#[test]
fn a_sidecar_belongs_to_the_file_of_its_name() {
    let folder = Folder::new();
    folder.write("a.parquet", requests(1));
    folder.write("b.parquet", requests(1));
    std::fs::write(folder.path("a.run.json"), r#"{"test_name": "A"}"#).unwrap();
    assert_eq!(read(&folder.path("a.parquet")).unwrap().file.metadata().test_name.as_deref(), Some("A"));
    assert_eq!(read(&folder.path("b.parquet")).unwrap().file.metadata_origin(), MetadataOrigin::None);
}

#[test]
fn metadata_that_is_not_valid_refuses_the_run_and_names_the_key() {
    let folder = Folder::new();
    let cases = [
        ("{users: 5}", "its metadata is not valid: not JSON: key must be a string at line 1 column 2"),
        ("[1, 2]", "its metadata is not valid: JSON, but not an object"),
        (
            r#"{"users": "fifty"}"#,
            "its metadata is not valid: `users`: invalid type: string \"fifty\", expected u32",
        ),
        (
            r#"{"schema_version": "1"}"#,
            "its metadata is not valid: `schema_version` is \"1\", wanted a whole number",
        ),
        (r#"{"schema_version": 2}"#, "its metadata has schema_version 2, this build knows up to 1"),
    ];
    for (text, expected) in cases {
        let path = folder.write_with("a.parquet", requests(1), 100, Some(text));
        assert_eq!(refusal(&path).0, expected);
    }
    assert_eq!(refusal(&folder.path("a.parquet")).1, "use a newer cmo-metrics for this run");
    let path = folder.write("b.parquet", requests(1));
    std::fs::write(folder.path("b.run.json"), b"{\"test_name\": \"\xff\"}").unwrap();
    let error = read(&path).err().unwrap();
    assert_eq!(error.path(), folder.path("b.run.json"));
    assert!(error.to_string().ends_with("its metadata is not valid: it is not UTF-8 text"));
}

#[test]
fn a_null_is_the_same_as_a_missing_key() {
    let folder = Folder::new();
    let text = r#"{"users": null, "tags": null, "schema_version": null, "run_id": null}"#;
    let run = read(&folder.write_with("a.parquet", requests(1), 100, Some(text))).unwrap();
    assert_eq!((run.file.metadata().users, run.file.run_id()), (None, "a"));
}

#[test]
fn a_run_id_that_would_leave_its_folder_is_not_used() {
    let folder = Folder::new();
    let text = r#"{"run_id": "../../etc"}"#;
    let run = read(&folder.write_with("a.parquet", requests(1), 100, Some(text))).unwrap();
    assert_eq!(run.file.run_id(), "a");
    let expected = "run_id \"../../etc\" of the metadata is not valid: `a`, from the file name, is used";
    assert_eq!(run.report.notes, [expected]);
}
