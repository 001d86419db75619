//! The repository's own rules as ordinary tests: who may know whom, how long things may be, where things may stand.
//!
//! A limit is raised deliberately, here, with a reason.

mod circles;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned as _;
use syn::visit::Visit;

const RUST_LINES: usize = 500;
const RUST_TEST_LINES: usize = 800;
const SCRIPT_LINES: usize = 350;
const FUNCTION_LINES: usize = 70;

/// Files that still name a vendor whose limit they keep. The list only ever gets shorter.
const NAME_A_VENDOR: &[&str] = &["src-tauri/core/src/fields.rs", "src-tauri/core/src/items/save.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

/// Files below a folder of the repository with one of these endings, as (path from the root, text).
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let skipped = ["node_modules", "target", "dist", "test-results", ".git", "gen"];
    let walk = walkdir::WalkDir::new(root().join(folder)).into_iter().filter_entry(move |entry| {
        entry.depth() == 0 || !entry.file_name().to_str().is_some_and(|name| skipped.contains(&name))
    });
    let mut found: Vec<(String, String)> = walk
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| endings.iter().any(|ending| entry.path().to_string_lossy().ends_with(ending)))
        .map(|entry| {
            let path = entry.path().strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
            (path, fs::read_to_string(entry.path()).unwrap_or_default())
        })
        .collect();
    found.sort();
    found
}

fn rust() -> Vec<(String, String)> {
    ["src-tauri", "connectors", "tests"].iter().flat_map(|folder| files(folder, &[".rs"])).collect()
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs") || path.contains("/testing")
}

/// Shipped text of a Rust file: without its unit tests.
fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn the_top_level_holds_only_what_the_layout_names() {
    let allowed: BTreeSet<&str> = [
        "Cargo.toml",
        "Cargo.lock",
        "src-tauri",
        "ui",
        "connectors",
        "assets",
        "tests",
        "tauri.conf.json",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "LICENSE",
        "clippy.toml",
        "deny.toml",
        "rustfmt.toml",
        "rust-toolchain.toml",
        "target",
        "gen",
        "permissions",
    ]
    .into();
    let broken: Vec<String> = fs::read_dir(root())
        .expect("the root can be listed")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !allowed.contains(name.as_str()))
        .collect();
    assert_none("names at the top level that the layout does not have", &broken);
}

#[test]
fn every_rust_file_opens_with_a_module_doc() {
    let broken: Vec<String> =
        rust().into_iter().filter(|(_, text)| !text.trim_start().starts_with("//!")).map(|(path, _)| path).collect();
    assert_none("Rust files without a module doc", &broken);
}

#[test]
fn files_stay_within_their_budget() {
    let rust = rust().into_iter().map(|(path, text)| {
        let limit = if is_test(&path) { RUST_TEST_LINES } else { RUST_LINES };
        (path, text.lines().count(), limit)
    });
    let scripts = files("ui/src", &[".ts", ".tsx"])
        .into_iter()
        .chain(files("tests/browser", &[".ts", ".js", ".mjs"]))
        .filter(|(path, _)| path != "ui/src/api/bindings.ts" && !path.contains("/locales/"))
        .map(|(path, text)| (path, text.lines().count(), SCRIPT_LINES));
    let broken: Vec<String> = rust
        .chain(scripts)
        .filter(|(_, lines, limit)| lines > limit)
        .map(|(path, lines, limit)| format!("{path}: {lines} of {limit} lines"))
        .collect();
    assert_none("files over their budget", &broken);
}

/// Collects functions longer than the budget.
struct Long(Vec<(String, usize)>);

impl Long {
    fn look(&mut self, name: &syn::Ident, block: &syn::Block) {
        let lines = block.span().end().line.saturating_sub(block.span().start().line) + 1;
        if lines > FUNCTION_LINES {
            self.0.push((name.to_string(), lines));
        }
    }
}

impl<'ast> Visit<'ast> for Long {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.look(&function.sig.ident, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.look(&function.sig.ident, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn functions_fit_on_a_screen() {
    let mut broken = Vec::new();
    for (path, text) in rust() {
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path} is no Rust: {error}"));
        let mut long = Long(Vec::new());
        long.visit_file(&file);
        broken.extend(long.0.into_iter().map(|(name, lines)| format!("{path}: {name} has {lines} lines")));
    }
    assert_none("functions over their budget", &broken);
}

/// Names of the crates a package depends on when shipped.
fn dependencies(package: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("a valid manifest");
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn dependencies_point_the_allowed_way() {
    let vendors = ["connector-quickbooks", "connector-shipstation", "connector-stripe"];
    let window = ["tauri", "tauri-plugin-opener", "tauri-specta"];
    let rules: &[(&str, &[&str])] = &[
        ("src-tauri/money", &["backroom-core", "connector-contract", "reqwest", "rusqlite", "tokio"]),
        ("connectors/contract", &["reqwest", "rusqlite", "tokio", "connector-http", "backroom-core", "http"]),
        ("connectors/http", &["rusqlite", "backroom-core"]),
        (
            "connectors/quickbooks",
            &["backroom-core", "rusqlite", "reqwest", "connector-stripe", "connector-shipstation"],
        ),
        (
            "connectors/shipstation",
            &["backroom-core", "rusqlite", "reqwest", "connector-stripe", "connector-quickbooks"],
        ),
        (
            "connectors/stripe",
            &["backroom-core", "rusqlite", "reqwest", "connector-quickbooks", "connector-shipstation"],
        ),
        ("connectors/registry", &["backroom-core", "rusqlite", "reqwest"]),
        ("src-tauri/core", &["connector-http", "connector-registry", "reqwest", "http", "keyring", "oauth2"]),
        ("src-tauri/host", &["rusqlite"]),
        ("src-tauri/cli", &["rusqlite", "connector-http", "connector-registry", "keyring"]),
        (".", &["rusqlite", "connector-http", "connector-registry", "connector-contract", "keyring", "reqwest"]),
    ];
    let mut broken = Vec::new();
    for (package, never) in rules {
        let has = dependencies(package);
        let mut never: Vec<&str> = never.to_vec();
        if *package != "." {
            never.extend(window);
        }
        if *package != "connectors/registry" {
            never.extend(vendors.iter().filter(|vendor| !package.ends_with(vendor.trim_start_matches("connector-"))));
        }
        broken.extend(never.iter().filter(|name| has.contains(**name)).map(|name| format!("{package} knows {name}")));
    }
    assert_none("dependencies that point the wrong way", &broken);
}

/// Safeguards can be broken on purpose, to show that the random days notice. Nothing that is shipped, and no other test, may be built
/// that way: the feature is passed down by the crates that ask, and switched on by the random days' own feature alone.
#[test]
fn nothing_but_the_random_days_can_break_a_safeguard() {
    let passes_down = "sabotage = [\"connector-contract/sabotage\"]";
    let allowed = [
        ("connectors/contract/Cargo.toml", "sabotage = []"),
        ("connectors/http/Cargo.toml", passes_down),
        ("src-tauri/core/Cargo.toml", passes_down),
        (
            "tests/random/Cargo.toml",
            "sabotage = [\"backroom-core/sabotage\", \"connector-contract/sabotage\", \"connector-http/sabotage\"]",
        ),
    ];
    let manifests = ["src-tauri", "connectors", "tests"].iter().flat_map(|folder| files(folder, &["Cargo.toml"]));
    let root = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let named: Vec<(String, String)> = manifests
        .chain([("Cargo.toml".to_owned(), root)])
        .flat_map(|(path, text)| {
            let lines = text.lines().filter(|line| !line.starts_with('#') && line.contains("sabotage"));
            lines.map(|line| (path.clone(), line.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let broken: Vec<String> = named
        .iter()
        .filter(|(path, line)| !allowed.contains(&(path.as_str(), line.as_str())))
        .map(|(path, line)| format!("{path}: {line}"))
        .collect();
    assert_none("manifests that let a safeguard be broken", &broken);
    assert_eq!(named.len(), allowed.len(), "the feature is where it is looked for");
}

#[test]
fn only_the_shell_names_tauri() {
    let allowed = [
        "src-tauri/src/",
        "src-tauri/build.rs",
        "tests/blank/",
        "tests/bridge/",
        "tests/desktop/",
        "src-tauri/xtask/",
        "tests/tidy/",
    ];
    let broken: Vec<String> = rust()
        .into_iter()
        .filter(|(path, _)| !allowed.iter().any(|allowed| path.starts_with(allowed)))
        .filter(|(_, text)| text.contains("tauri::") || text.contains("use tauri"))
        .map(|(path, _)| path)
        .collect();
    assert_none("Rust files that name Tauri outside the shell", &broken);
}

#[test]
fn the_window_has_the_least_capability_and_the_policy_stays_strict() {
    let read = |path: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(root().join(path)).expect("the file")).expect("JSON")
    };
    let capabilities: Vec<String> =
        files("src-tauri/capabilities", &[".json", ".toml"]).into_iter().map(|(path, _)| path).collect();
    assert_eq!(capabilities, ["src-tauri/capabilities/main.json"], "one window, one capability");
    let main = read("src-tauri/capabilities/main.json");
    assert_eq!(main["windows"], serde_json::json!(["main"]));
    assert!(main["remote"].is_null(), "no page from elsewhere may call anything");
    let permissions = [
        "core:event:allow-listen",
        "core:event:allow-unlisten",
        "core:webview:allow-set-webview-zoom",
        "window-commands",
    ];
    assert_eq!(main["permissions"], serde_json::json!(permissions));
    let app = &read("tauri.conf.json")["app"];
    assert_eq!(
        app["windows"],
        serde_json::json!([]),
        "the one window is made by the shell, which guards where it goes"
    );
    assert!(app["withGlobalTauri"].is_null(), "the page has no door but the generated client");
    let security = app["security"].as_object().expect("a security section");
    assert_eq!(security.keys().collect::<Vec<_>>(), ["csp"], "nothing of the policy is switched off");
}

#[test]
fn shipped_programs_stop_at_a_sum_that_does_not_fit() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    assert_eq!(manifest["profile"]["release"]["overflow-checks"].as_bool(), Some(true));
}

#[test]
fn sql_stands_only_in_the_store() {
    let marks =
        ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA ", "prepare_cached", "rusqlite::params"];
    let broken: Vec<String> = files("src-tauri", &[".rs"])
        .into_iter()
        .filter(|(path, _)| !path.starts_with("src-tauri/core/src/store/") && !is_test(path))
        .filter(|(_, text)| marks.iter().any(|mark| shipped(text).contains(mark)))
        .map(|(path, _)| path)
        .collect();
    assert_none("SQL outside core/src/store", &broken);
}

#[test]
fn money_never_touches_floating_point() {
    let folders = ["src-tauri/money/src", "src-tauri/core/src", "connectors"];
    let broken: Vec<String> = folders
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
        .filter(|(path, text)| {
            // Waiting times are the one thing a client scales by a random share.
            !path.starts_with("connectors/http/")
                && ["f64", "f32"].iter().any(|float| {
                    shipped(text)
                        .lines()
                        .filter(|line| !line.trim_start().starts_with("//"))
                        .any(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == *float))
                })
        })
        .map(|(path, _)| path)
        .collect();
    assert_none("floating point where money is", &broken);
}

#[test]
fn vendors_hosts_are_named_only_by_their_connector() {
    let hosts = ["quickbooks.api.intuit.com", "ssapi.shipstation.com", "api.stripe.com", "api.shipstation.com"];
    let folders = ["src-tauri", "connectors/contract", "connectors/http", "connectors/registry", "ui/src"];
    let broken: Vec<String> = folders
        .iter()
        .flat_map(|folder| files(folder, &[".rs", ".ts", ".tsx"]))
        .filter(|(_, text)| hosts.iter().any(|host| text.contains(host)))
        .map(|(path, _)| path)
        .collect();
    assert_none("a vendor's host outside its connector", &broken);
}

#[test]
fn nothing_below_the_facade_names_a_vendor() {
    let vendors = ["quickbooks", "shipstation", "stripe", "intuit"];
    let broken: Vec<String> =
        ["connectors/contract/src", "connectors/http/src", "src-tauri/core/src", "src-tauri/money/src"]
            .iter()
            .flat_map(|folder| files(folder, &[".rs"]))
            .filter(|(path, _)| !is_test(path) && !NAME_A_VENDOR.contains(&path.as_str()))
            .filter(|(_, text)| {
                let code: String = shipped(text)
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .map(|line| line.to_lowercase() + "\n")
                    .collect();
                vendors.iter().any(|vendor| code.contains(vendor))
            })
            .map(|(path, _)| path)
            .collect();
    assert_none("vendors named where none may be", &broken);
}

#[test]
fn every_connector_has_its_readme_fixtures_and_simulator() {
    let mut broken = Vec::new();
    for vendor in ["quickbooks", "shipstation", "stripe"] {
        let folder = root().join("connectors").join(vendor);
        if !folder.join("README.md").is_file() {
            broken.push(format!("{vendor} has no README.md"));
        }
        if fs::read_dir(folder.join("fixtures")).map_or(0, Iterator::count) == 0 {
            broken.push(format!("{vendor} has no fixtures"));
        }
        if !root().join("tests/sim").join(vendor).is_dir() {
            broken.push(format!("{vendor} has no simulator"));
        }
    }
    assert_none("incomplete connectors", &broken);
}

#[test]
fn names_say_what_a_thing_is() {
    let vague = ["manager", "service", "helper", "helpers", "utils", "util", "misc", "common"];
    let broken: Vec<String> = rust()
        .into_iter()
        .chain(files("ui/src", &[".ts", ".tsx"]))
        .map(|(path, _)| path)
        .filter(|path| path.split(['/', '.', '_', '-']).any(|word| vague.contains(&word.to_lowercase().as_str())))
        .collect();
    assert_none("file names that say nothing", &broken);
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    // Spelled in parts, or this file would find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[ig", "nore"),
    ];
    let broken: Vec<String> = rust()
        .into_iter()
        .chain(files("ui/src", &[".ts", ".tsx"]))
        .chain(files("tests/browser", &[".ts"]))
        .filter(|(_, text)| marks.iter().any(|mark| text.contains(mark)))
        .map(|(path, _)| path)
        .collect();
    assert_none("work left for later", &broken);
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let names: Vec<String> =
        files("src-tauri/core/src/store/migrations", &[".sql"]).into_iter().map(|(path, _)| path).collect();
    let broken: Vec<String> = names
        .iter()
        .enumerate()
        .filter(|(index, path)| !path.rsplit('/').next().unwrap_or_default().starts_with(&format!("{:04}_", index + 1)))
        .map(|(_, path)| path.clone())
        .collect();
    assert_none("migrations out of order", &broken);
}

#[test]
fn the_changelog_opens_with_what_is_unreleased() {
    let text = fs::read_to_string(root().join("CHANGELOG.md")).expect("CHANGELOG.md");
    assert!(text.starts_with("# Changelog\n"), "the changelog has its title");
    assert!(text.contains("\n## Unreleased\n"), "changes are noted under Unreleased before they ship");
}
