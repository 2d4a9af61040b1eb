//! One object is lent to be changed while another one is read.

use orm_doc_models::*;

fn put_behind(session: &mut Session, a: Handle<Article>, b: Handle<Author>) {
    session[a].title.push_str(&session[b].name);
}

fn main() {}
