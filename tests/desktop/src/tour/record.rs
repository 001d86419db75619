//! What happened: one entry a step, with its seconds, its picture and its figures, as `summary.json`.

use super::limit::Progress;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A step that ended.
#[derive(Debug, Serialize)]
pub struct Step {
    /// What was done, as a sentence.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// File name of its picture in the same folder.
    pub picture: Option<String>,
    /// What was measured or counted.
    pub figures: Map<String, Value>,
}

/// The steps so far and the one going on.
pub struct Record {
    folder: PathBuf,
    progress: Progress,
    steps: Vec<Step>,
    current: String,
    begun: Instant,
}

impl Record {
    /// An empty record that writes to this folder, and tells how far it is.
    pub fn new(folder: &Path, progress: Progress) -> Self {
        let (folder, current) = (folder.to_path_buf(), "start".to_owned());
        Self { folder, progress, steps: Vec::new(), current, begun: Instant::now() }
    }

    /// Begins a step.
    pub fn begin(&mut self, name: &str) {
        self.progress.begin(name);
        name.clone_into(&mut self.current);
        self.begun = Instant::now();
    }

    /// Where the present step's picture goes.
    pub fn picture(&self) -> PathBuf {
        self.folder.join(picture_name(self.steps.len() + 1, &self.current))
    }

    /// Ends the step. `picture` was taken at [`Record::picture`].
    pub fn end(&mut self, picture: bool, figures: Value) -> anyhow::Result<()> {
        let seconds = (self.begun.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
        let file = picture.then(|| picture_name(self.steps.len() + 1, &self.current));
        println!("{seconds:7.2} s  {}", self.current);
        let figures = if let Value::Object(figures) = figures { figures } else { Map::new() };
        self.steps.push(Step { name: self.current.clone(), seconds, picture: file, figures });
        // After every step, so that a tour that stops leaves what it saw.
        std::fs::write(self.folder.join("summary.json"), serde_json::to_string_pretty(&self.steps)?)?;
        Ok(())
    }
}

/// `07-sync-everything.png`.
fn picture_name(number: usize, name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            words.push(letter.to_ascii_lowercase());
        } else if !words.is_empty() && !words.ends_with('-') {
            words.push('-');
        }
    }
    format!("{number:02}-{}.png", words.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_picture_is_named_after_its_step() {
        assert_eq!(picture_name(7, "Sync: everything (first run)"), "07-sync-everything-first-run.png");
    }

    #[test]
    fn the_summary_holds_every_step_that_ended_in_order() {
        let folder = std::env::temp_dir().join(format!("backroom-record-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut record = Record::new(&folder, Progress::new());
        record.begin("Open the app");
        record.end(true, json!({ "rows": 3 })).expect("it can be written");
        record.begin("Quit");
        record.end(false, Value::Null).expect("it can be written");
        let text = std::fs::read_to_string(folder.join("summary.json")).expect("the summary");
        let summary: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(summary[0]["picture"], "01-open-the-app.png");
        assert_eq!(summary[0]["figures"]["rows"], 3);
        assert_eq!(summary[1]["name"], "Quit");
        assert_eq!(summary[1]["picture"], Value::Null);
        std::fs::remove_dir_all(&folder).expect("it can be removed");
    }
}
