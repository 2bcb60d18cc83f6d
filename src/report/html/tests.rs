//! What a page holds, and what it does not let in.

use std::process::Command;

use super::*;

#[test]
fn the_vendored_library_is_what_its_checksums_say() {
    // A change of it is a decision, not an accident.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/uplot");
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(folder)
        .status();
    assert!(checked.unwrap().success());
    assert!(!UPLOT.contains("</") && !UPLOT_STYLE.contains("</"));
    assert!(!SCRIPT.contains("</"), "a script must not end itself");
}
