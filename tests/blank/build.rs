//! Embeds the page.

fn main() {
    tauri_build::try_build(tauri_build::Attributes::new()).expect("the Tauri configuration is valid");
}
