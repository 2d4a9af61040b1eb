//! Rules that a compiler does not keep: which module may import which, which crate may use what,
//! how a file begins and how long it is, where a library may panic.
//!
//! Each rule stands with its reason. Where one makes a place worse, that place goes into the list
//! beside the rule, with its own reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates and their modules, from the bottom up: a module imports from those before it only.
/// None of the Rust data layers that were measured has an acyclic graph; one that has can be read,
/// tested and rebuilt from below.
const ORDER: &[(&str, &[&str])] = &[
    (
        "orm-core",
        &[
            "error",
            "types",
            "dialect",
            "schema",
            "model",
            "statement",
            "expression",
            "query",
            "compile",
            "ddl",
        ],
    ),
    (
        "orm-derive",
        &[
            "diagnostics",
            "name",
            "ast",
            "parse",
            "check",
            "expand",
            "fallback",
            "db_type",
            "db_enum",
            "row",
            "embed",
        ],
    ),
    ("orm-session", &["faults", "driver", "engine", "session"]),
];

/// What a crate may not depend on: crates above it, and for the core whatever does I/O.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "orm-core",
        &[
            "orm",
            "orm-derive",
            "orm-session",
            "postgres",
            "tokio",
            "tokio-postgres",
            "rusqlite",
            "r2d2",
            "tracing",
        ],
    ),
    ("orm-derive", &["orm", "orm-core", "orm-session"]),
    ("orm-session", &["orm", "orm-derive"]),
];

/// Where a library may panic: the file, how often, and why.
const PANICS: &[(&str, usize, &str)] = &[
    ("orm-core/src/model/emitted.rs", 2, "code of a model that the compiler has refused"),
    ("orm-session/src/driver/postgres/cache.rs", 1, "a constant, checked when it is compiled"),
    (
        "orm-session/src/session/access.rs",
        2,
        "`session[handle]` documents it, `try_get` is its twin",
    ),
];

/// Files beside one another that know one another: the first because what they speak of is
/// recursive, the others until somebody unties them. Nothing is to be added.
const RECURSIVE: &[(&str, &[&str], &str)] = &[
    (
        "orm-core/src/compile",
        &["list", "node", "select"],
        "an expression may hold a statement, a statement holds expressions",
    ),
    (
        "orm-session/src/driver/postgres",
        &["adapt", "bind", "connect", "error", "held", "tls"],
        "errors speak of the client that is held, which maps its errors",
    ),
    ("orm-session/src/driver/sqlite", &["connect", "error"], "opening maps its own errors"),
    ("orm-session/src/engine", &["builder", "pool"], "the pool reads the options, which build it"),
    (
        "orm-session/src/session",
        &["identity_map", "key_index"],
        "one concept in two files: places, and how they are found by key",
    ),
];

/// A screen is a thought, and a file some screens.
const MOST_LINES: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Rust files below a folder, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The source files of the facade and of the crates.
fn sources() -> Vec<PathBuf> {
    let crates = ORDER.iter().map(|(name, _)| root().join(name).join("src"));
    [root().join("src")].into_iter().chain(crates).flat_map(|folder| rust_files(&folder)).collect()
}

/// The example that is a package of its own, with its tests.
fn web() -> Vec<PathBuf> {
    let folders = ["src", "tests"].map(|folder| root().join("examples/web").join(folder));
    folders.iter().flat_map(|folder| rust_files(folder)).collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The code without its comments and without its tests.
fn code(path: &Path) -> String {
    if path.file_name().is_some_and(|name| name == "tests.rs") {
        return String::new();
    }
    let text = read(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The module of a crate that a file belongs to: `model` of `src/model/key.rs`.
fn module_of(crate_name: &str, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join(crate_name).join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    (module != "lib").then(|| module.to_owned())
}

/// Every path in the code that begins with `prefix`, its first step: of `use crate::{a::X, b}` and
/// of `crate::c::f()` these are a, b and c.
fn first_steps(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut steps = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let inside_word =
            code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if inside_word {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => {
                steps.insert(word(rest));
            }
            Some(list) => steps.extend(top_level(list)),
        }
    }
    steps.remove("");
    steps
}

/// The first word of each item of a list in braces.
fn top_level(list: &str) -> Vec<String> {
    let (mut depth, mut items, mut item) = (0, Vec::new(), String::new());
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ => {}
        }
        if depth == 0 && character != ',' {
            item.push(character);
        }
    }
    items.push(item);
    items.iter().map(|item| word(item.trim())).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn imports_of_modules_point_down() {
    let mut wrong = Vec::new();
    for (crate_name, order) in ORDER {
        let place = |module: &str| order.iter().position(|known| *known == module);
        for path in rust_files(&root().join(crate_name).join("src")) {
            let Some(module) = module_of(crate_name, &path) else { continue };
            for target in first_steps(&code(&path), "crate::") {
                if let (Some(own), Some(other)) = (place(&module), place(&target))
                    && other > own
                {
                    wrong.push(format!("{} imports crate::{target}", shown(&path)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_order_of_modules_is_complete_and_told() {
    for (crate_name, order) in ORDER {
        let lib = root().join(crate_name).join("src/lib.rs");
        let declared: BTreeSet<String> = code(&lib)
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")))
            .filter_map(|line| line.strip_suffix(';').map(str::to_owned))
            .collect();
        let listed: BTreeSet<String> = order.iter().map(|&module| module.to_owned()).collect();
        assert_eq!(declared, listed, "the modules of {crate_name}, and the list here");
        // where the header lists the modules, it lists them in this order
        let text = read(&lib);
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let header = header.join(" ");
        if let Some((_, list)) = header.split_once("bottom up") {
            let places: Vec<_> =
                order.iter().map(|module| list.find(&format!("`{module}`"))).collect();
            assert!(places.iter().all(Option::is_some), "{crate_name}: {places:?}");
            assert!(places.is_sorted(), "{crate_name}: the header has another order");
        }
    }
}

#[test]
fn files_beside_one_another_form_no_new_cycle() {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in sources().iter().filter_map(|path| path.parent()).collect::<BTreeSet<_>>() {
        let files: BTreeMap<String, PathBuf> = rust_files(folder)
            .into_iter()
            .filter(|path| path.parent() == Some(folder))
            .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
            .filter(|(name, _)| name != "mod" && name != "lib" && name != "tests")
            .collect();
        let edges: BTreeMap<&String, Vec<String>> = files
            .iter()
            .map(|(name, path)| {
                let steps = first_steps(&code(path), "super::");
                let known = steps.into_iter().filter(|step| files.contains_key(step));
                (name, known.filter(|step| step != name).collect())
            })
            .collect();
        let mut left: BTreeSet<&String> = edges.keys().copied().collect();
        loop {
            let free: Vec<&String> = left
                .iter()
                .copied()
                .filter(|name| edges[name].iter().all(|target| !left.contains(target)))
                .collect();
            if free.is_empty() {
                break;
            }
            for name in free {
                left.remove(name);
            }
        }
        // what only leads into a cycle is no part of it
        loop {
            let entry = left
                .iter()
                .copied()
                .find(|name| !left.iter().any(|other| edges[other].contains(name)));
            let Some(entry) = entry else { break };
            left.remove(entry);
        }
        if !left.is_empty() {
            found.insert(shown(folder), left.into_iter().cloned().collect());
        }
    }
    let allowed: BTreeMap<String, Vec<String>> = RECURSIVE
        .iter()
        .map(|(folder, files, _)| {
            ((*folder).to_owned(), files.iter().map(|&file| file.to_owned()).collect())
        })
        .collect();
    assert_eq!(found, allowed);
}

/// The names in the sections of a manifest whose title ends with `dependencies`, but for those of
/// tests.
fn dependencies(crate_name: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in read(&root().join(crate_name).join("Cargo.toml")).lines() {
        if let Some(title) = line.strip_prefix('[') {
            inside = title.trim_end_matches(']').ends_with("dependencies")
                && !title.contains("dev-dependencies");
        } else if inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.push(name.trim().to_owned());
        }
    }
    names
}

#[test]
fn crates_depend_on_those_below_only() {
    for (crate_name, forbidden) in FORBIDDEN {
        let found = dependencies(crate_name);
        assert!(!found.is_empty(), "{crate_name} has dependencies");
        for name in found {
            assert!(!forbidden.contains(&name.as_str()), "{crate_name} depends on {name}");
        }
    }
}

/// The core is pure: what it makes can be tested as text, and every driver can use it.
#[test]
fn the_core_does_no_io() {
    for path in rust_files(&root().join("orm-core/src")) {
        let code = code(&path);
        for module in ["std::io", "std::fs", "std::net", "std::process", "std::thread", "std::env"]
        {
            assert!(!code.contains(module), "{} uses {module}", shown(&path));
        }
    }
}

/// A header says what a file is, who calls it and what must hold.
#[test]
fn every_file_begins_with_a_header() {
    let tests = rust_files(&root().join("tests"));
    let tests = tests.into_iter().filter(|path| !shown(path).contains("compile_fail"));
    let tests = tests.filter(|path| !shown(path).contains("/ui/")).chain(web());
    for path in sources().into_iter().chain(tests) {
        let text = read(&path);
        if !text.is_empty() {
            let begins = text.starts_with("//! ") || text.contains("\n#![doc = include_str!");
            assert!(begins, "{} has no header", shown(&path));
        }
    }
}

#[test]
fn no_file_is_too_long() {
    let tests = rust_files(&root().join("tests"));
    for path in sources().into_iter().chain(tests).chain(web()) {
        let lines = read(&path).lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines; divide it", shown(&path));
    }
}

/// A library that panics ends programs that could have gone on.
#[test]
fn libraries_do_not_panic() {
    let words = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("];
    for path in sources() {
        let code = code(&path);
        let found: usize = words.iter().map(|word| code.matches(word).count()).sum();
        let name = shown(&path);
        let allowed =
            PANICS.iter().find(|(file, ..)| *file == name).map_or(0, |(_, count, _)| *count);
        assert!(found == allowed, "{name} may panic at {found} places, {allowed} are allowed");
    }
    assert!(PANICS.iter().all(|(.., reason)| !reason.is_empty()));
}
