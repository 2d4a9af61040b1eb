//! The remedy of `question_mark_forgotten_in_a_loop`.

use orm_doc_models::*;

pub fn remedy(session: &mut Session) -> Result<()> {
    let ezz = session.query(Author).order_by(Author.id).first()?.unwrap();
    for article in ezz.articles(session)? {
        session[article].title.push('!');
    }
    Ok(())
}
