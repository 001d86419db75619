//! The export: one CSV file per table, in a new folder below the data folder.
//!
//! Files are UTF-8 with a byte-order mark, without which Excel garbles "Müller". Amounts, quantities and rates are
//! plain decimals with a point. Text that a spreadsheet would run as a formula has an apostrophe in front of it, at the start of
//! its cell and after every separator, line break and quote in it; whoever reads a file back takes that one apostrophe off.

use super::ExportResult;
use crate::store::{self, Db};
use crate::{Error, Result, private};
use chrono::{DateTime, Utc};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Folder below the data folder.
const FOLDER: &str = "exports";

/// Says that a file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Writes all files. They appear together: until the last one is written the folder has another name.
pub(super) fn write(db: &Db<'_>, data_folder: Option<&Path>, now: DateTime<Utc>) -> Result<ExportResult> {
    let Some(data_folder) = data_folder else {
        return Err(Error::Refused("There is no data folder to export to.".into()));
    };
    let exports = data_folder.join(FOLDER);
    private::folder(&exports).map_err(|error| storage(&exports, &error))?;
    let folder = free_name(&exports, now);
    let partial = folder.with_extension("part");
    match write_files(db, &partial) {
        Ok(files) => {
            fs::rename(&partial, &folder).map_err(|error| storage(&folder, &error))?;
            Ok(ExportResult { folder: folder.display().to_string(), files })
        }
        Err(error) => {
            // What is left of a broken export helps nobody; that it could not be removed changes nothing about the error.
            let _ = fs::remove_dir_all(&partial);
            Err(error)
        }
    }
}

/// A folder named after the moment, which no other export has.
fn free_name(parent: &Path, now: DateTime<Utc>) -> PathBuf {
    let name = now.format("%Y-%m-%d_%H-%M-%S").to_string();
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let names = std::iter::once(name.clone()).chain(numbered);
    names.map(|name| parent.join(name)).find(|folder| !folder.exists()).unwrap_or_else(|| parent.join(name))
}

fn write_files(db: &Db<'_>, folder: &Path) -> Result<Vec<String>> {
    private::folder(folder).map_err(|error| storage(folder, &error))?;
    // One transaction, so that all files show the same moment.
    let snapshot = db.unchecked_transaction()?;
    let mut files = Vec::new();
    for table in &store::export::TABLES {
        let name = format!("{}.csv", table.name);
        let path = folder.join(&name);
        let mut file = private::new_file(&path).map_err(|error| storage(&path, &error))?;
        file.write_all(BYTE_ORDER_MARK.as_bytes()).map_err(|error| storage(&path, &error))?;
        let mut writer = csv::Writer::from_writer(file);
        store::export::each_row(&snapshot, table, |cells| {
            writer.write_record(cells).map_err(|error| written(&path, error))
        })?;
        writer.flush().map_err(|error| storage(&path, &error))?;
        files.push(name);
    }
    Ok(files)
}

fn written(path: &Path, error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => storage(path, &error),
        other => Error::Bug(format!("an export row could not be written: {other:?}")),
    }
}

fn storage(path: &Path, error: &std::io::Error) -> Error {
    private::explain(path, "written", error)
}
