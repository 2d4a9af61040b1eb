//! Two objects are lent to be changed at the same time.

use orm_doc_models::*;

fn swap(session: &mut Session, a: Handle<Article>, b: Handle<Article>) {
    std::mem::swap(&mut session[a].title, &mut session[b].title);
}

fn main() {}
