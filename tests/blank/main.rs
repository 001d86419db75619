//! The least that a Tauri window can be: one page, no commands, no plugins. `cargo xtask bench start` measures the app against it.
//!
//! Absent on purpose: everything.

fn main() {
    tauri::Builder::default().run(tauri::generate_context!("tests/blank/tauri.conf.json")).expect("the window opens");
}
