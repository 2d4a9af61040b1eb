//! Mistakes and what the compiler says of them: `tests/compile_fail/*.rs`, and what the borrow checker
//! refuses in its folder `borrow`, each with its message in the `.stderr` beside it.
//!
//! * One mistake is one error; a case with several says how many in its header (`//! errors: 3`).
//! * The whole text is compared on the version of Rust that the messages were written with. On any
//!   other the number of errors, the first line of each and its line in the source are.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test --test compile_fail`, then read the
//! difference. `ORM_TEST_ANY_RUST=1` compares as on another version.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version of Rust that the `.stderr` files were written with.
const WRITTEN_WITH: &str = "rustc 1.95.";

/// Where the cases are.
const FOLDERS: [&str; 2] = ["tests/compile_fail", "tests/compile_fail/borrow"];

/// Names the folder of the cases whose messages `write_messages` writes.
const FOLDER: &str = "ORM_TEST_COMPILE_FAIL_FOLDER";

/// An error as every version of Rust tells it: `error[E0277]: …` and `--> file:3`. The column is
/// left out: versions differ in whether they point at a method or at its argument.
#[derive(Debug, PartialEq)]
struct Told {
    first_line: String,
    place: String,
}

#[test]
fn one_mistake_is_one_error() {
    for case in cases() {
        let expected = expected_errors(&fs::read_to_string(&case).unwrap());
        let told = told(&fs::read_to_string(case.with_extension("stderr")).unwrap());
        assert_eq!(told.len(), expected, "{}: {told:#?}", case.display());
    }
}

#[test]
fn messages_are_as_written() {
    if is_version_written_with() {
        let cases = trybuild::TestCases::new();
        for folder in FOLDERS {
            cases.compile_fail(format!("{folder}/*.rs"));
        }
    } else {
        messages_are_alike();
    }
}

/// Has the messages written of copies of the cases, and compares what all versions have in common.
fn messages_are_alike() {
    // trybuild knows files below the package only
    let folder = Path::new("wip").join(format!("compile_fail_{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for case in cases() {
        fs::copy(&case, folder.join(case.file_name().unwrap())).unwrap();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "write_messages", "--nocapture"])
        .env("TRYBUILD", "overwrite")
        .env(FOLDER, &folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut different = Vec::new();
    for case in cases() {
        let written = folder.join(case.with_extension("stderr").file_name().unwrap());
        let text = fs::read_to_string(written).unwrap_or_default();
        let place = case.parent().unwrap().to_string_lossy();
        let now = told(&text.replace(&*folder.to_string_lossy(), &place));
        let before = told(&fs::read_to_string(case.with_extension("stderr")).unwrap());
        if now != before {
            different.push(format!("{}\n  now    {now:?}\n  before {before:?}", case.display()));
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
#[ignore = "called by `messages_are_as_written`, in a process of its own"]
fn write_messages() {
    let Ok(folder) = env::var(FOLDER) else { return };
    trybuild::TestCases::new().compile_fail(format!("{folder}/*.rs"));
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = FOLDERS
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    cases.sort();
    cases
}

/// What the case says in its header; one where it says nothing.
fn expected_errors(case: &str) -> usize {
    case.lines()
        .find_map(|line| line.strip_prefix("//! errors: "))
        .map_or(1, |count| count.parse().unwrap())
}

/// The errors of a message.
fn told(message: &str) -> Vec<Told> {
    let mut lines = message.lines();
    let mut errors = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("error") {
            let place = lines.find(|line| line.trim_start().starts_with("--> ")).unwrap_or("");
            let (place, _column) = place.trim().rsplit_once(':').unwrap_or_default();
            errors.push(Told { first_line: line.to_owned(), place: place.to_owned() });
        }
    }
    errors
}

fn is_version_written_with() -> bool {
    if env::var_os("ORM_TEST_ANY_RUST").is_some() {
        return false;
    }
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap();
    String::from_utf8_lossy(&version.stdout).starts_with(WRITTEN_WITH)
}
