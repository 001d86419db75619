//! Tells Tauri where the capabilities lie: not at the default place, because this package is the repository's root.

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    tauri_build::try_build(
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*.json"),
    )
    .expect("the Tauri configuration is valid");
}
