//! The style made executable: which crate may know what, how long files and lines are, and that every file says why
//! it exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const CRATES: [&str; 8] = ["domain", "proto", "store", "link", "console", "node", "hub", "tests"];

/// Lines in one file. Most are far below; a longer one is split.
const LONGEST_FILE: usize = 400;
const LONGEST_LINE: usize = 120;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("generated") && !path.ends_with("target") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in CRATES {
        sources(&root().join(name), &mut found);
    }
    assert!(found.len() > 100, "the sources were found");
    found
}

/// The dependencies of a crate, by section of its Cargo.toml.
fn dependencies(name: &str, section: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(name).join("Cargo.toml")).expect("every crate has a Cargo.toml");
    let inside = text.lines().skip_while(|line| *line != format!("[{section}]")).skip(1);
    inside
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Who may stand on whom: `domain` is below everything, `proto` and `store` never meet, `node` and `hub` never either;
/// `console` stands on `link` for what both programs open and serve.
#[test]
fn crates_depend_downwards() {
    let allowed: BTreeMap<&str, &[&str]> = [
        ("domain", &[][..]),
        ("proto", &["domain"]),
        ("store", &["domain"]),
        ("link", &["domain", "proto", "store"]),
        ("console", &["domain", "store", "link"]),
        ("node", &["domain", "store", "link", "console"]),
        ("hub", &["domain", "store", "link", "console"]),
        ("tests", &["domain", "proto", "store", "link", "console"]),
    ]
    .into();
    for name in CRATES {
        let own: Vec<String> = dependencies(name, "dependencies")
            .iter()
            .chain(&dependencies(name, "dev-dependencies"))
            .filter_map(|dependency| dependency.strip_prefix("tongpin-").map(str::to_owned))
            .collect();
        for dependency in own {
            assert!(allowed[name].contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
}

/// Only `store` knows SQL, only `proto` and `link` know gRPC, only `console`, `node` and `hub` know HTML, and `domain`
/// knows neither files nor networks nor tasks.
#[test]
fn knowledge_stays_where_it_belongs() {
    let only = |libraries: &[&str], knowers: &[&str]| {
        for name in CRATES.iter().filter(|name| !knowers.contains(name)) {
            let known = dependencies(name, "dependencies");
            for library in libraries {
                assert!(!known.contains(*library), "{name} must not know {library}");
            }
        }
    };
    only(&["sqlx"], &["store"]);
    only(&["tonic", "tonic-prost", "tonic-health", "tonic-reflection"], &["proto", "link", "tests"]);
    only(&["rustls", "tokio-rustls", "rcgen", "ring", "backoff"], &["link"]);
    only(&["maud", "axum"], &["console", "node", "hub"]);
    only(&["tokio", "tracing"], &["store", "link", "console", "node", "hub", "tests"]);
}

/// The modules of a program from the top down: nothing imports what stands above it, so that a drawing of them has no
/// arrow back up.
const FLOORS: [(&str, &[&str]); 2] = [
    (
        "node",
        &[
            "main",
            "command",
            "web",
            "api",
            "background",
            "ops",
            "app",
            "failure",
            "sheets",
            "records",
            "guidance",
            "words",
            "settings",
        ],
    ),
    ("hub", &["main", "command", "web", "ops", "app", "failure", "settings"]),
];
/// What is a front: only these know HTTP, HTML or the command line.
const FRONTS: [&str; 6] = ["main", "command", "web", "api", "failure", "background"];

/// Each source file of a program, with the place of its module and its text without the tests.
fn floors<'a>(name: &str, floors: &'a [&str]) -> Vec<(&'a str, usize, PathBuf, String)> {
    let folder = root().join(name).join("src");
    let mut found = Vec::new();
    sources(&folder, &mut found);
    let place = |path: PathBuf| {
        let below = path.strip_prefix(&folder).expect("it was found there");
        let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs");
        let at = floors.iter().position(|floor| *floor == module);
        let at = at.unwrap_or_else(|| unreachable!("{name}: which place has {module}?"));
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        (floors[at], at, path, text)
    };
    let is_test = |path: &&PathBuf| {
        path.strip_prefix(&folder).is_ok_and(|path| path.iter().any(|part| part == "tests" || part == "tests.rs"))
    };
    let files: Vec<_> = found.iter().filter(|path| !is_test(path)).cloned().map(place).collect();
    assert!(files.len() > 50, "the sources of {name} were found");
    files
}

/// The first module of a path, as `ops` of `ops::submit`.
fn first(path: &str) -> &str {
    let path = path.trim();
    let end = path.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(path.len());
    path.get(..end).unwrap_or_default()
}

/// Whatever a text imports of its own crate, by the first module.
fn imported(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for named in text.split("crate::").skip(1) {
        match named.strip_prefix('{').and_then(|list| list.split('}').next()) {
            Some(list) => found.extend(list.split(',').map(first)),
            None => drop(found.insert(first(named))),
        }
    }
    found
}

/// Pages never import commands nor commands pages but where they are served; what both do stands below both.
#[test]
fn modules_import_downwards() {
    for (name, order) in FLOORS {
        for (module, at, path, text) in floors(name, order) {
            for named in imported(&text) {
                let above = order.iter().position(|floor| *floor == named).is_some_and(|place| place < at);
                assert!(!above, "{}: {module} must not import {named}, which stands above it", path.display());
            }
            let front = FRONTS.contains(&module);
            for library in ["axum::", "maud::", "clap::"] {
                assert!(front || !text.contains(library), "{} must not know {library}", path.display());
            }
        }
    }
}

/// What both programs' consoles share knows accounts, lists and pages, and nothing of links: those are for what is
/// opened and served around it.
#[test]
fn pages_know_no_link() {
    let mut found = Vec::new();
    sources(&root().join("console/src/web"), &mut found);
    assert!(found.len() > 20, "the pages were found");
    for path in found {
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        assert!(!text.contains("tongpin_link"), "{} knows links", path.display());
    }
}

/// `domain` is pure: no I/O, no clock, no randomness, no async.
#[test]
fn domain_is_pure() {
    let mut found = Vec::new();
    sources(&root().join("domain/src"), &mut found);
    for path in found {
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        for impure in
            ["std::fs", "std::net", "std::env", "std::thread", "std::process", "SystemTime", "async fn", "rand::"]
        {
            assert!(!text.contains(impure), "{} uses {impure}", path.display());
        }
    }
}

/// Every file begins with its reason to exist, none is named `mod.rs`, and none grows too long or too wide.
#[test]
fn files_are_tidy() {
    let mut problems = Vec::new();
    for path in all_sources() {
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let shown = path.display();
        if !text.starts_with("//! ") {
            problems.push(format!("{shown} does not begin with its reason to exist"));
        }
        if path.ends_with("mod.rs") {
            problems.push(format!("{shown}: modules are foo.rs beside foo/"));
        }
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            problems.push(format!("{shown} has {lines} lines"));
        }
        // A message stays in one piece, so that it can be searched for.
        let wide = |line: &&str| line.chars().count() > LONGEST_LINE && !line.contains('"');
        if let Some(line) = text.lines().find(wide) {
            problems.push(format!("{shown} has a line of {} characters: {line}", line.chars().count()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Versions, lints and profiles live in the root Cargo.toml only.
#[test]
fn versions_live_in_one_place() {
    for name in CRATES {
        let text = std::fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a Cargo.toml");
        let inside = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
        for line in inside.clone().filter(|line| line.contains('=') && !line.starts_with(['[', '#'])) {
            assert!(line.contains("workspace = true"), "{name}: {line}");
        }
        // Programs with features of their own would have what they share built once for each.
        let programs = ["node", "hub", "tests"].contains(&name);
        for line in inside.take_while(|line| programs && *line != "[dev-dependencies]") {
            assert!(!line.contains("features"), "{name}: {line}");
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{name} takes the workspace's lints");
    }
}
