//! The owner is lent to be changed while the session adds.

use orm_doc_models::*;

fn write(session: &mut Session, ezz: Handle<Author>) {
    session[ezz].articles.push(session.add(Article::new("slug", "title", ezz)));
}

fn main() {}
