//! What was replaced or removed: `history/NAME/<when it was saved>.json`, never overwritten.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Baseline;
use super::error::{BaselineError, unwritable};
use super::folder::{HISTORY, path_in, sync};

/// Gives the file of this name in `folder` a second name in the history, that no other has.
pub fn keep(folder: &Path, name: &str) -> Result<PathBuf, BaselineError> {
    let path = path_in(folder, name);
    let history = folder.join(HISTORY).join(name);
    fs::create_dir_all(&history).map_err(unwritable(&history))?;
    let instant = instant_of(&path);
    let mut kept = history.join(format!("{instant}.json"));
    let mut number = 0;
    while !add_name(&path, &kept).map_err(unwritable(&kept))? {
        number += 1;
        kept = history.join(format!("{instant}-{number}.json"));
    }
    sync(&history)?;
    Ok(kept)
}

/// `20261124T081500Z`: when it was saved, or when the file was last written where it cannot be read.
fn instant_of(path: &Path) -> String {
    let saved_at = Baseline::read(path).ok().and_then(|baseline| baseline.saved_at.parse().ok());
    let modified = || jiff::Timestamp::try_from(fs::symlink_metadata(path).ok()?.modified().ok()?).ok();
    match saved_at.or_else(modified) {
        Some(instant) => instant.strftime("%Y%m%dT%H%M%SZ").to_string(),
        None => "unknown".to_owned(),
    }
}

/// False where the name is taken. A file system without links gets a copy.
fn add_name(path: &Path, name: &Path) -> io::Result<bool> {
    match fs::hard_link(path, name) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(_) => copy(path, name),
    }
}

fn copy(path: &Path, name: &Path) -> io::Result<bool> {
    let mut copy = match File::create_new(name) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        copy => copy?,
    };
    io::copy(&mut File::open(path)?, &mut copy)?;
    copy.sync_all()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_takes_the_place_of_a_link_and_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, name) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "old").unwrap();
        assert!(copy(&path, &name).unwrap());
        fs::write(&path, "new").unwrap();
        assert!(!copy(&path, &name).unwrap() && !add_name(&path, &name).unwrap());
        assert_eq!(fs::read_to_string(&name).unwrap(), "old");
    }
}
