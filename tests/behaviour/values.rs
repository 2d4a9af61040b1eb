//! Values that bite: texts that look like SQL, patterns or placeholders, as values, keys and links;
//! NUL; large things. They come back as they went, or are an error of a kind before any SQL is sent,
//! which tells where and never what.

use crate::setup::*;
use orm::prelude::*;
use orm::{Error, Result};
use orm_test_support::{TestDatabase, on_each_database};

#[derive(Model, Clone, Debug)]
#[orm(table = "words")]
struct Word {
    #[orm(primary_key)]
    text: String,
    #[orm(unique)]
    copy: String,
    note: Option<String>,
    before: Option<Ref<Word>>,
    #[orm(back_populates = before)]
    after: Many<Word>,
    #[orm(secondary = "word_links", back_populates = linked_by)]
    links: Many<Word>,
    #[orm(secondary = "word_links", back_populates = links)]
    linked_by: Many<Word>,
}

/// Texts that mean something in SQL, patterns, placeholders, formats, or to a terminal.
const TEXTS: [&str; 40] = [
    "",
    " ",
    "%",
    "_",
    "\\",
    "\\\\",
    "'",
    "''",
    "\"",
    "\"\"",
    "$1",
    "$$",
    "?",
    "?1",
    ":x",
    "::text",
    "%s",
    "%1$s",
    "{}",
    "{0}",
    "--",
    "/*",
    "*/",
    ";",
    "'; DROP TABLE words; --",
    "NULL",
    "null",
    "\\x00",
    "{\"a\",NULL}",
    "a,b",
    "\n",
    "\r\n",
    "\t",
    "\u{1}",
    "\u{7f}",
    "🎻",
    "e\u{301}",
    "é",
    "שלום \u{202e}abc",
    "\u{10FFFF}",
];

on_each_database!(
    texts_are_texts_wherever_they_stand,
    texts_are_keys_and_ends_of_links,
    literal_functions_take_every_text_literally,
    nul_is_refused_before_sql_wherever_it_stands,
    large_values_come_back,
    empty_is_not_null,
);

fn words(db: &TestDatabase) -> Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Word)).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn word(text: &str) -> Word {
    Word { note: Some(text.to_owned()), ..Word::new(text, text) }
}

fn texts_are_texts_wherever_they_stand(db: &TestDatabase) -> Result<()> {
    let engine = words(db)?;
    let mut session = engine.session();
    let added = session.add_all(TEXTS.map(word));
    session.commit()?;
    let all = session.query(Word).filter(Word.copy.in_(TEXTS)).count()?;
    assert_eq!(all, 40);
    for (text, &object) in TEXTS.iter().zip(&added) {
        assert_eq!(session.query(Word).filter(Word.copy.eq(*text)).all()?, [object], "{text:?}");
        assert_eq!(session.query(Word).filter(Word.note.in_([*text])).all()?, [object]);
        assert_eq!(session.query(Word).filter(Word.note.ne(*text)).count()?, 39, "{text:?}");
        let changed = select(Word).filter(Word.copy.eq(*text));
        assert_eq!(changed.update(&mut session, Word.note.set(format!("{text} changed")))?, 1);
        assert_eq!(session[object].note, Some(format!("{text} changed")));
        let mut connection = engine.connect()?;
        let asked = text_of("SELECT copy FROM words WHERE text = :text").bind("text", *text);
        assert_eq!(connection.execute(asked)?.one::<(String,)>()?.0, *text);
    }
    session.rollback()?;
    for (&object, text) in added.iter().zip(TEXTS.iter().rev()) {
        session[object].note = Some((*text).to_owned());
    }
    session.commit()?;
    let mut other = engine.session();
    for (text, note) in TEXTS.iter().zip(TEXTS.iter().rev()) {
        let read = other.get(Word, (*text).to_owned())?.expect("by its key");
        assert_eq!((&*other[read].copy, other[read].note.as_deref()), (*text, Some(*note)));
    }
    let read = other.query(Word.copy).order_by(Word.copy).all()?;
    assert_eq!(read.len(), 40);
    Ok(())
}

fn text_of(sql: &'static str) -> orm::engine::Text {
    text(sql)
}

fn texts_are_keys_and_ends_of_links(db: &TestDatabase) -> Result<()> {
    let engine = words(db)?;
    let mut session = engine.session();
    let added = session.add_all(TEXTS.map(word));
    for (index, &object) in added.iter().enumerate().skip(1) {
        session[object].before = Some(added[index - 1].into());
        session.link(object, Word.links, added[index - 1])?;
    }
    session.commit()?;
    let mut other = engine.session();
    for (index, text) in TEXTS.iter().enumerate() {
        let read = other.get(Word, (*text).to_owned())?.expect("by its key");
        assert_eq!(other.get(Word, (*text).to_owned())?, Some(read), "one object per key");
        let after: Vec<_> = read.after(&mut other)?;
        let linked_by = read.linked_by(&mut other)?;
        assert_eq!(after, linked_by);
        let next = TEXTS.get(index + 1);
        assert_eq!(after.first().map(|&next| &*other[next].text), next.copied());
        let pointing = other.query(Word.text).filter(Word.before.eq(read)).all()?;
        assert_eq!(pointing.first().map(|text| &**text), next.copied());
    }
    // every key becomes another one, and the links go with it
    let last = session.get(Word, TEXTS[39].to_owned())?.expect("by its key");
    session.unlink(last, Word.links, added[38])?;
    session[last].before = None;
    session.delete(last)?;
    session.commit()?;
    assert_eq!(session.query(Word).count()?, 39);
    Ok(())
}

fn literal_functions_take_every_text_literally(db: &TestDatabase) -> Result<()> {
    let engine = words(db)?;
    let mut session = engine.session();
    for (index, text) in TEXTS.iter().enumerate() {
        session
            .add(Word { note: Some(format!("a{text}b")), ..Word::new(index.to_string(), *text) });
    }
    for text in TEXTS {
        let found = |texts: Vec<String>| texts.iter().filter(|found| **found == text).count();
        for condition in [
            Word.note.contains(format!("a{text}b")),
            Word.note.starts_with(format!("a{text}")),
            Word.note.ends_with(format!("{text}b")),
            Word.copy.contains(text),
        ] {
            let read = session.query(Word.copy).filter(condition).all()?;
            assert_eq!(found(read), 1, "{text:?}");
        }
        let expected = TEXTS.iter().filter(|other| other.contains(text)).count();
        let contained = session.query(Word).filter(Word.copy.contains(text)).count()?;
        assert_eq!(usize::try_from(contained).ok(), Some(expected), "{text:?}");
        let starting = session.query(Word).filter(Word.copy.starts_with(text)).count()?;
        let expected = TEXTS.iter().filter(|other| other.starts_with(text)).count();
        assert_eq!(usize::try_from(starting).ok(), Some(expected), "{text:?}");
    }
    Ok(())
}

fn nul_is_refused_before_sql_wherever_it_stands(db: &TestDatabase) -> Result<()> {
    const NUL: &str = "SECRET\0";
    let engine = words(db)?;
    let mut session = engine.session();
    let good = session.add(word("good"));
    let other = session.add(word("other"));
    session.commit()?;
    let says = |error: &Error, text: &str| {
        let message = error.to_string();
        assert!(message.contains("NUL") && message.contains(text), "{text} is not in {message}");
    };
    session.add(Word { note: Some(NUL.into()), ..Word::new("a", "a") });
    says(&refused(|| session.flush()), "`Word.note`");
    session.rollback()?;
    session.add(Word::new(NUL, "a"));
    says(&refused(|| session.flush()), "`Word.text`");
    session.rollback()?;
    session[good].note = Some(NUL.into());
    session[other].note = Some("fine".into());
    says(&refused(|| session.flush()), "`Word.note`");
    session.rollback()?;
    session[good].before = Some(NUL.to_owned().into());
    says(&refused(|| session.flush()), "`Word.before_text`");
    session.rollback()?;
    refused(|| session.get(Word, NUL.to_owned()));
    session.rollback()?;
    for condition in [
        Word.copy.eq(NUL),
        Word.copy.in_(["fine", NUL]),
        Word.copy.in_(std::iter::repeat_n(NUL, 2_000)),
        Word.note.like(NUL),
        Word.note.contains(NUL),
        Word.before.eq(NUL.to_owned()),
    ] {
        says(&refused(|| select(Word).filter(condition).all(&mut session)), "parameter ");
        session.rollback()?;
    }
    let updated = || select(Word).update(&mut session, Word.note.set(NUL));
    refused(updated);
    session.rollback()?;
    let mut connection = engine.connect()?;
    for sql in ["SELECT text FROM words WHERE text = :x", "SELECT :x", "SELECT CAST(:x AS TEXT)"] {
        let error = refused(|| connection.execute(text(sql).bind("x", NUL)));
        says(&error, "`:x`");
        connection.rollback()?;
    }
    assert_eq!(session.query(Word).count()?, 2, "the session goes on");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "larges")]
struct Large {
    #[orm(primary_key)]
    id: Auto<i64>,
    text: String,
    bytes: Vec<u8>,
}

fn large_values_come_back(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of(Large)).build()?;
    engine.create_all()?;
    let text: String = "ä%'\\🎻".chars().cycle().take(1 << 20).collect();
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let mut session = engine.session();
    session.add(Large::new(text.clone(), bytes.clone()));
    session.add(Large::new(String::new(), Vec::new()));
    session.commit()?;
    let mut other = engine.session();
    let read = other.query(Large).order_by(Large.id).all()?;
    assert!(other[read[0]].text == text && other[read[0]].bytes == bytes);
    assert!(other[read[1]].text.is_empty() && other[read[1]].bytes.is_empty());
    let found = other.query(Large).filter(Large.text.eq(&text) & Large.bytes.eq(bytes)).all()?;
    assert_eq!(found, read[..1]);
    assert_eq!(other.query(Large).filter(Large.bytes.eq(Vec::new())).all()?, read[1..]);
    Ok(())
}

fn empty_is_not_null(db: &TestDatabase) -> Result<()> {
    let engine = words(db)?;
    let mut session = engine.session();
    let empty = session.add(Word { note: Some(String::new()), ..Word::new("", "") });
    let null = session.add(Word::new("x", "x"));
    session.commit()?;
    let mut other = engine.session();
    assert_eq!(other.query(Word.note).order_by(Word.text).all()?, [Some(String::new()), None]);
    assert_eq!(session.query(Word).filter(Word.note.eq("")).all()?, [empty]);
    assert_eq!(session.query(Word).filter(Word.note.is_null()).all()?, [null]);
    Ok(())
}
