//! Within a crate, no folder leads back to itself, proven from `use` lines and paths.
//!
//! Absent on purpose: circles among the files beside the folders, and what only tests name.

use super::{assert_none, files, is_test, shipped};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::Visit;

/// Crates whose folders still know each other. The list only ever gets shorter.
const HEAPS: &[&str] = &["src-tauri/core/src"];

/// Collects which parts of its crate (folders and files beside `lib.rs`) a file names in its `use` lines and paths.
struct Named {
    /// The modules that lead to the file.
    here: Vec<String>,
    parts: BTreeSet<String>,
}

impl Named {
    fn note(&mut self, segments: &[String]) {
        let mut at = match segments.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("super" | "self") => self.here.clone(),
            _ => return,
        };
        for segment in segments {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(at.pop()),
                name => at.push(name.to_owned()),
            }
        }
        self.parts.extend(at.into_iter().next());
    }

    fn note_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.note_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.note(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&segments);
        syn::visit::visit_path(self, path);
    }
}

/// What each part of a crate names of the others, and which of them are folders. `lib.rs` and `main.rs` put the parts together and are
/// none.
fn parts_of(source: &str) -> (BTreeMap<String, BTreeSet<String>>, BTreeSet<String>) {
    let (mut parts, mut folders) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeSet::new());
    for (path, text) in files(source, &[".rs"]) {
        let inside = path.trim_start_matches(source).trim_matches('/').trim_end_matches(".rs");
        let mut here: Vec<String> = inside.split('/').map(str::to_owned).collect();
        if is_test(&path) || matches!(inside, "lib" | "main") || here.iter().any(|name| name.ends_with("tests")) {
            continue;
        }
        if here.last().is_some_and(|name| name == "mod") {
            here.pop();
        }
        let part = here[0].clone();
        if here.len() > 1 {
            folders.insert(part.clone());
        }
        let file = syn::parse_file(shipped(&text)).unwrap_or_else(|error| panic!("{path} is no Rust: {error}"));
        let mut named = Named { here, parts: BTreeSet::new() };
        named.visit_file(&file);
        parts.entry(part).or_default().extend(named.parts);
    }
    let all: BTreeSet<String> = parts.keys().cloned().collect();
    for (part, others) in &mut parts {
        others.retain(|other| other != part && all.contains(other));
    }
    (parts, folders)
}

/// Parts that lead back to themselves.
fn in_a_circle(parts: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reached = |from: &String| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(others) = open.pop().and_then(|part| parts.get(part)) {
            open.extend(others.iter().filter(|other| seen.insert((*other).clone())));
        }
        seen
    };
    parts.keys().filter(|part| reached(part).contains(*part)).cloned().collect()
}

#[test]
fn no_folder_of_a_crate_leads_back_to_itself() {
    let mut broken = Vec::new();
    for (manifest, _) in ["src-tauri", "connectors"].iter().flat_map(|folder| files(folder, &["Cargo.toml"])) {
        let source = manifest.replace("Cargo.toml", "src");
        if HEAPS.contains(&source.as_str()) {
            continue;
        }
        let (parts, folders) = parts_of(&source);
        let circle = in_a_circle(&parts).into_iter().filter(|part| folders.contains(part));
        broken.extend(circle.map(|part| format!("{source}/{part} names {:?}", parts[&part])));
    }
    assert_none("folders of a crate that go round in a circle", &broken);
}
