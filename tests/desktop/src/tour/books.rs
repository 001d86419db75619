//! The data folder as an outsider sees it: figures read from SQLite beside the running app, and a search for what must not be there.

use anyhow::Context as _;
use backroom_core::DATA_FILE;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

/// The records an owner counts.
const COUNTED: [&str; 8] = ["customers", "items", "orders", "invoices", "payments", "shipments", "charges", "payouts"];

/// The data folder.
pub struct Books {
    folder: PathBuf,
}

impl Books {
    /// Of this folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    fn open(&self) -> anyhow::Result<Connection> {
        let file = self.folder.join(DATA_FILE);
        let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("{} can't be read", file.display()))?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        Ok(db)
    }

    /// One number.
    pub fn number(&self, sql: &str) -> anyhow::Result<i64> {
        Ok(self.open()?.query_row(sql, [], |row| row.get(0))?)
    }

    /// One text with one argument; `None` when no row answers.
    pub fn text(&self, sql: &str, argument: &str) -> anyhow::Result<Option<String>> {
        use rusqlite::OptionalExtension as _;
        Ok(self.open()?.query_row(sql, [argument], |row| row.get(0)).optional()?)
    }

    /// How many records of each kind there are.
    pub fn counts(&self) -> anyhow::Result<Map<String, Value>> {
        COUNTED
            .iter()
            .map(|table| Ok(((*table).to_owned(), self.number(&format!("SELECT count(*) FROM {table}"))?.into())))
            .collect()
    }

    /// Files of the folder that hold one of these texts, as file name and which text.
    pub fn files_with(&self, secrets: &[(String, String)]) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        search(&self.folder, secrets, &mut found)?;
        Ok(found)
    }
}

fn search(folder: &Path, secrets: &[(String, String)], found: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(&path, secrets, found)?;
            continue;
        }
        let bytes = fs::read(&path)?;
        for (name, secret) in secrets {
            let secret = secret.as_bytes();
            if !secret.is_empty() && bytes.windows(secret.len()).any(|part| part == secret) {
                found.push(format!("{}: {name}", path.display()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_lies_in_the_folder() {
        let folder = std::env::temp_dir().join(format!("backroom-books-{}", std::process::id()));
        fs::create_dir_all(folder.join("logs")).expect("a folder");
        fs::write(folder.join("clean"), b"nothing here").expect("a file");
        fs::write(folder.join("logs/day.log"), b"\0before tok_123 after").expect("a file");
        let secrets = [("token".to_owned(), "tok_123".to_owned()), ("unset".to_owned(), String::new())];
        let found = Books::of(&folder).files_with(&secrets).expect("the folder can be read");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with("day.log: token"), "{found:?}");
        fs::remove_dir_all(&folder).expect("it can be removed");
    }
}
