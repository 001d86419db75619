//! Data folders on a real disk.

use backroom_core::testing::TestCore;
use std::path::Path;

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

pub fn open(folder: &Path) -> TestCore {
    TestCore::open(Some(folder.into()), Vec::new())
}

/// A company in a new file.
pub fn company(folder: &Path) -> TestCore {
    let core = open(folder);
    core.set_up_company(backroom_core::company::CompanySetup {
        name: "Paper & Pens".into(),
        currency: "USD".into(),
        time_zone: "America/New_York".into(),
    })
    .expect("a company");
    core
}

/// The names in a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
