//! What `ARCHITECTURE.md` promises of the code, held to be true.
//!
//! Text is searched, nothing is parsed: a rule that needs more than that is not checked here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of each crate, as the map names them.
const LAYERS: [(&str, &[&str]); 3] = [
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
    ("orm-session", &["driver", "engine", "session"]),
    (
        "orm-derive",
        &[
            "name",
            "ast",
            "diagnostics",
            "parse",
            "check",
            "expand",
            "fallback",
            "db_type",
            "db_enum",
            "row",
        ],
    ),
];

/// Nothing that exists is left out of the map, and nothing is on it that does not exist.
#[test]
fn the_code_map_is_true() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, map) = text.split_once("## Code map").unwrap();
    let (map, _) = map.split_once("\n## ").unwrap();
    let named: BTreeSet<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(path, _)| path)
        .collect();
    for path in &named {
        assert!(root().join(path).exists(), "the code map names {path}, which does not exist");
    }
    for (package, modules) in LAYERS {
        for module in modules {
            let folder = format!("{package}/src/{module}/");
            let path = if root().join(&folder).is_dir() {
                folder
            } else {
                format!("{package}/src/{module}.rs")
            };
            assert!(named.contains(path.as_str()), "the code map leaves out {path}");
        }
    }
}

/// The last column of the table of invariants names tests and lints; the tests are there.
#[test]
fn every_invariant_is_kept_by_a_test() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, invariants) = text.split_once("## Invariants").unwrap();
    let (invariants, _) = invariants.split_once("\n## ").unwrap();
    named_tests_are_there(invariants);
}

/// So does the last column of the rules of a flush.
#[test]
fn every_rule_of_a_flush_is_pinned_by_a_test() {
    named_tests_are_there(&fs::read_to_string(root().join("docs/unit-of-work.md")).unwrap());
}

/// The tests and files that the last column of a table names are there.
fn named_tests_are_there(table: &str) {
    let mut code = String::new();
    for folder in ["tests", "orm-core", "orm-derive", "orm-session"] {
        for file in rust_files(&root().join(folder)) {
            code.push_str(&fs::read_to_string(file).unwrap());
        }
    }
    let keepers = table.lines().filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | "));
    for name in keepers.flat_map(|(_, keepers)| keepers.split('`').skip(1).step_by(2)) {
        let is_test =
            name.contains('_') && name.chars().all(|c| c == '_' || c.is_ascii_lowercase());
        assert!(!is_test || code.contains(&format!("fn {name}(")), "there is no test `{name}`");
        assert!(!name.contains('/') || root().join(name).exists(), "there is no file {name}");
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, reasons) = text.split_once("## Dependencies").unwrap();
    let (reasons, _) = reasons.split_once("\n## ").unwrap();
    let lines: Vec<&str> = reasons.lines().filter(|line| line.starts_with('|')).collect();
    for manifest in ["", "orm-core", "orm-derive", "orm-session", "tests/support"] {
        for name in dependencies(&root().join(manifest).join("Cargo.toml")) {
            let quoted = format!("`{name}`");
            assert!(
                name == "orm"
                    || name.starts_with("orm-")
                    || lines.iter().any(|line| line.contains(&quoted)),
                "ARCHITECTURE.md gives no reason for {name}, which {manifest}/Cargo.toml names"
            );
        }
    }
}

/// The example that is a package of its own says them in its manifest, above each.
#[test]
fn every_dependency_of_the_example_has_its_reason_beside_it() {
    let manifest = root().join("examples/web/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let names = dependencies(&manifest);
    assert!(names.iter().any(|name| name == "axum"), "{names:?}");
    for name in names {
        let place = lines.iter().position(|line| line.starts_with(&format!("{name} = ")));
        let above = place.and_then(|place| lines.get(place.checked_sub(1)?));
        assert!(above.is_some_and(|line| line.starts_with("# ")), "no reason is given for {name}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The names in the sections of dependencies of a manifest.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let mut names = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).ends_with("dependencies");
        } else if let Some(name) = line.split(['.', ' ', '=']).next()
            && inside
            && !name.is_empty()
            && !name.starts_with('#')
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// A page of the guide is read as a file, too: what is linked is there, and an example shows what is
/// meant, without hidden lines.
#[test]
fn pages_of_the_guide_read_as_files() {
    for page in fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()) {
        // the front page of the documentation alone is read nowhere else
        if page.extension().is_some_and(|it| it == "md") && !page.ends_with("tour.md") {
            let text = fs::read_to_string(&page).unwrap();
            let name = page.file_name().unwrap().to_string_lossy();
            links_lead_somewhere(&name, &text);
            examples_are_whole(&name, &text);
        }
    }
    let guide = fs::read_to_string(root().join("src/guide.rs")).unwrap();
    let links = fs::read_to_string(root().join("src/links.md")).unwrap();
    for page in guide.split("page!(\"../docs/").skip(1).filter_map(|rest| rest.split('"').next()) {
        let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
        for (label, _) in definitions(&text) {
            let named = definitions(&links).any(|(other, _)| other == label);
            assert!(named, "docs/{page}: src/links.md has no line for `{label}`");
        }
    }
}

/// `[label]: where it leads`.
fn definitions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('['));
    lines.filter_map(|line| line.split_once("]: "))
}

fn links_lead_somewhere(page: &str, text: &str) {
    let labels = text.split("][").skip(1).filter_map(|rest| rest.split(']').next());
    for label in labels.filter(|label| !label.contains(char::is_whitespace)) {
        let defined = definitions(text).any(|(known, _)| known == label);
        assert!(
            defined || !label.contains("::"),
            "docs/{page}: say at its end where `{label}` leads"
        );
    }
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = definitions(text).map(|(_, target)| target).chain(inline);
    assert!(
        !text.contains("](crate::"),
        "docs/{page}: links are `[…][crate::…]`, see CONTRIBUTING.md"
    );
    for target in targets.filter(|target| !target.starts_with("http") && !target.starts_with('|')) {
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let file = if file.is_empty() { page } else { file };
        let path = root().join("docs").join(file);
        assert!(path.is_file(), "docs/{page}: there is no file `{target}`");
        let there = heading.is_empty()
            || fs::read_to_string(path).is_ok_and(|text| {
                text.lines().any(|line| line.starts_with('#') && slug(line) == heading)
            });
        assert!(there, "docs/{page}: `{target}` has no such heading");
    }
}

/// What a heading is linked by.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn examples_are_whole(page: &str, text: &str) {
    let mut inside = None;
    for line in text.lines() {
        match (inside, line.strip_prefix("```")) {
            (None, Some(language)) => {
                assert!(!language.is_empty(), "docs/{page}: write ```rust (or text)");
                inside = Some(language);
            }
            (Some(_), Some(_)) => inside = None,
            (Some(language), None) if language.starts_with("rust") => {
                assert!(
                    !line.starts_with("# "),
                    "docs/{page}: `{line}` belongs in a comment, see CONTRIBUTING.md"
                );
            }
            _ => {}
        }
    }
}
