//! The pages of `docs/` as they are tested.
//!
//! A page shows examples without what every one of them needs. That stands in comments, which no
//! reader sees: `<!-- example: let (engine, mut session) = blog()?; -->` in the line above an example
//! begins it, `<!-- ends: assert_eq!(…); -->` in the line below ends it. Here they become the hidden
//! lines of documentation tests, with the models brought in before them and `Ok` behind. An example
//! without such a comment is tested as it stands.

use proc_macro::{Literal, TokenStream, TokenTree};
use std::path::Path;

const BEGINS: &str = "<!-- example:";
const ENDS: &str = "<!-- ends:";

/// The text of a page, by its path from the root of the package, for `#[doc = …]`.
#[proc_macro]
pub fn tested(path: TokenStream) -> TokenStream {
    let path = path.to_string();
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let file = Path::new(&folder).join(path.trim_matches('"'));
    let page = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", file.display()));
    TokenTree::Literal(Literal::string(&with_hidden_lines(&page))).into()
}

fn with_hidden_lines(page: &str) -> String {
    let mut text = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(begins) = line.strip_prefix(BEGINS) else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let begins = comment(begins, &mut lines);
        let fence = lines.next().filter(|fence| fence.starts_with("```rust"));
        let fence = fence.unwrap_or_else(|| panic!("no example below `{BEGINS}{begins}`"));
        text.push_str(&format!("{fence}\n# use orm_doc_models::*;\n"));
        hide(&begins, &mut text);
        for line in lines.by_ref().take_while(|line| *line != "```") {
            text.push_str(line);
            text.push('\n');
        }
        if let Some(ends) = lines.peek().and_then(|line| line.strip_prefix(ENDS)) {
            lines.next();
            hide(&comment(ends, &mut lines), &mut text);
        }
        text.push_str("# Ok::<(), Error>(())\n```\n");
    }
    text
}

/// What a comment says whose first line is given.
fn comment<'a>(first: &'a str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut said = first.to_owned();
    while !said.ends_with("-->") {
        let line = lines.next().unwrap_or_else(|| panic!("the comment `{first}` has no end"));
        said.push('\n');
        said.push_str(line);
    }
    said.trim_end_matches("-->").trim().to_owned()
}

fn hide(lines: &str, text: &mut String) {
    for line in lines.lines() {
        text.push_str(&format!("# {}\n", line.trim()));
    }
}
