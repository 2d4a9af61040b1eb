//! The session is borrowed for reading before it adds.

use orm_doc_models::*;

fn title(session: &mut Session) -> String {
    session[session.add(Tag::new("new"))].name.clone()
}

fn main() {}
