//! The examples, run as programs on each database: what they print is pinned, and the same on both.
//!
//! The text of `tests/examples/<name>.txt` is standard output with nothing left out, so an example
//! prints nothing that changes from run to run. To write it anew: `PIN_EXAMPLES=1 cargo test`.

use orm_test_support::{TestDatabase, on_each_database};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

on_each_database!(quickstart, blog, employees, inventory, all_in_one_database);

fn quickstart(db: &TestDatabase) {
    check("quickstart", &printed(&run("quickstart", &[], db)));
    let text = std::fs::read_to_string(sources("quickstart").remove(0)).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 75, "the shortest example has {lines} lines");
}

fn blog(db: &TestDatabase) {
    check("blog", &printed(&run("blog", &[], db)));
}

fn employees(db: &TestDatabase) {
    check("employees", &printed(&run("employees", &[], db)));
}

/// Its three actions, one after the other, as a person would type them.
fn inventory(db: &TestDatabase) {
    let runs = [&[][..], &["create"], &["read"], &["create"], &["read"]];
    let outputs: Vec<Output> = runs.iter().map(|action| run("inventory", action, db)).collect();
    check("inventory", &outputs.iter().map(printed).collect::<String>());

    let echo = errors(&outputs[0]);
    assert!(echo.contains("BEGIN (implicit)") && echo.contains("ROLLBACK"), "{echo}");
    assert!(errors(&outputs[1]).ends_with("[1, 1], [2, 4]\norm::sql COMMIT\n"), "{echo}");
    let unknown = program("inventory").arg("destroy").env("DATABASE_URL", db.url()).output();
    assert_eq!(unknown.unwrap().status.code(), Some(2));
}

/// Who tries one after the other on a server finds none in the way of the next.
fn all_in_one_database(db: &TestDatabase) {
    for name in ["blog", "quickstart", "employees", "blog", "quickstart"] {
        check(name, &printed(&run(name, &[], db)));
    }
}

/// Runs an example on a database. One that fails has failed the test.
fn run(name: &str, arguments: &[&str], db: &TestDatabase) -> Output {
    let output = program(name).args(arguments).env("DATABASE_URL", db.url()).output().unwrap();
    let told = errors(&output);
    assert!(output.status.success(), "the example {name} ended with {}:\n{told}", output.status);
    output
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Compares with the pinned text.
fn check(name: &str, printed: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples").join(name);
    let file = file.with_extension("txt");
    if std::env::var_os("PIN_EXAMPLES").is_some() {
        return std::fs::write(file, printed).unwrap();
    }
    let pinned = std::fs::read_to_string(&file).unwrap();
    assert!(
        printed == pinned,
        "the example {name} prints other lines than {}; it printed:\n{printed}",
        file.display()
    );
}

/// The built example: `cargo test` and `cargo nextest run` build it before the tests are run. Where
/// only this test was built, it says what to type.
fn program(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let file = test.parent().unwrap().parent().unwrap().join("examples").join(name);
    let file = file.with_extension(std::env::consts::EXE_EXTENSION);
    let built = modified(&file);
    let stale = sources(name).iter().any(|source| modified(source) > built);
    assert!(
        built.is_some() && !stale,
        "{} is not there or older than its source; build it by `cargo build --examples`",
        file.display()
    );
    Command::new(file)
}

/// The files of an example: `examples/<name>.rs`, or those of `examples/<name>/`.
fn sources(name: &str) -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    match std::fs::read_dir(examples.join(name)) {
        Ok(files) => files.map(|file| file.unwrap().path()).collect(),
        Err(_) => vec![examples.join(name).with_extension("rs")],
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}
