//! The remedy of `loop_over_a_collection_that_changes`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let ezz = session.query(Author).order_by(Author.id).first()?.unwrap();
    for article in ezz.articles(session)? {
        session[article].title.push('!');
    }
    for article in session[ezz].articles.get()?.to_vec() {
        session[article].title.push('!');
    }
    Ok(())
}
