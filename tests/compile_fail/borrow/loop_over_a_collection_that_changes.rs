//! The collection is borrowed from the session for the whole loop.

use orm_doc_models::*;

fn shout(session: &mut Session, ezz: Handle<Author>) -> Result<()> {
    for &article in session[ezz].articles.get()? {
        session[article].title.push('!');
    }
    Ok(())
}

fn main() {}
