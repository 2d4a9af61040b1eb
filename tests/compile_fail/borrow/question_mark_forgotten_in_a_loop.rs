//! `Result` is an iterator too: of the whole list.

use orm_doc_models::*;

fn shout(session: &mut Session, ezz: Handle<Author>) {
    for article in ezz.articles(session) {
        session[article].title.push('!');
    }
}

fn main() {}
