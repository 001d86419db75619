//! Tells Tauri where the capabilities lie, not at the default place because this package is the repository's root, and which commands
//! the app has. With that list nothing may be called that is not on it, and nothing on it from elsewhere than the app's own window.
//!
//! The list is read from `src/bindings.rs`, so that there is only one.

use std::path::Path;

const BINDINGS: &str = "src-tauri/src/bindings.rs";

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed={BINDINGS}");
    let bindings = std::fs::read_to_string(BINDINGS).expect("the list of commands can be read");
    let commands = commands(&bindings);
    assert!(!commands.is_empty(), "{BINDINGS} lists commands as commands::area::name");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let permissions = Path::new(&out).join("permissions");
    std::fs::create_dir_all(&permissions).expect("the build folder can be written");
    std::fs::write(permissions.join("window.toml"), every_command(&commands)).expect("the build folder can be written");
    let pattern: &'static str = format!("{}/*.toml", permissions.display()).leak();
    let commands: &'static [&'static str] = commands.leak();
    let manifest = tauri_build::AppManifest::new().commands(commands).permissions_path_pattern(pattern);
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*.json")
            .app_manifest(manifest),
    )
    .expect("the Tauri configuration is valid");
}

/// The names in `commands::area::name`, as they stand in the one list.
fn commands(bindings: &str) -> Vec<&'static str> {
    let listed =
        bindings.split("collect_commands![").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
    listed
        .split(',')
        .filter_map(|entry| entry.trim().strip_prefix("commands::")?.split_once("::"))
        .map(|(_, name)| &*name.trim().to_owned().leak())
        .collect()
}

/// The set of permissions that the capability of the window names.
fn every_command(commands: &[&str]) -> String {
    let allowed: Vec<String> =
        commands.iter().map(|name| format!("  \"allow-{}\",\n", name.replace('_', "-"))).collect();
    format!(
        "[[set]]\nidentifier = \"window-commands\"\ndescription = \"Every command of the app.\"\npermissions = [\n{}]\n",
        allowed.concat()
    )
}
