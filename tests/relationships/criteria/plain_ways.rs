//! Every way in which a connection reads rows: what each of them sees.

use super::ways::{Names, more_than};
use super::*;
use orm::Connection;
use orm::sql::{Select, Selection};

/// A statement as it is, or without criteria.
fn said<S: Selection>(round: bool, statement: Select<S>) -> Select<S> {
    if round { statement.without_criteria() } else { statement }
}

/// What each way of a connection sees.
pub const PLAIN_WAYS: &[(&str, fn(&mut Connection, bool) -> Names)] = &[
    ("all", |connection, round| {
        let found = said(round, select(Writer)).all(connection)?;
        Ok(found.into_iter().map(|writer| writer.name).collect())
    }),
    ("query.first", |connection, round| {
        let found = connection.query(Topic).order_by(Topic.id.desc());
        let mut found = if round { found.without_criteria() } else { found };
        let found = found.first()?;
        Ok(found.map(|topic| topic.name).into_iter().collect())
    }),
    ("count", |connection, round| Ok(more_than(2, said(round, select(Writer)).count(connection)?))),
    ("exists", |connection, round| {
        let there = said(round, select(Writer).filter(Writer.id.eq(2))).exists(connection)?;
        Ok(more_than(0, i64::from(there)))
    }),
    ("stream", |connection, round| {
        let mut seen = Vec::new();
        let statement = said(round, select(Writer).include(Writer.papers));
        let mut rows = statement.stream(connection)?;
        while let Some(writer) = rows.next(connection)? {
            seen.push(writer.name);
            seen.extend(writer.papers.values()?.iter().map(|paper| paper.name.clone()));
        }
        Ok(seen)
    }),
    ("pages", |connection, round| {
        let mut seen = Vec::new();
        let statement = said(round, select(Paper).include(Paper.topics));
        let mut pages = statement.pages(connection, 2)?;
        while let Some(page) = pages.next(connection)? {
            for paper in page {
                seen.push(paper.name);
                seen.extend(paper.topics.values()?.iter().map(|topic| topic.name.clone()));
            }
        }
        Ok(seen)
    }),
    ("include", |connection, round| {
        let path = (Writer.papers.then((Paper.topics, Paper.editor)), Writer.card);
        let found = said(round, select(Writer).include(path)).all(connection)?;
        tree(&found)
    }),
    ("joined include", |connection, round| {
        let papers = Writer.papers.joined().then((Paper.topics.joined(), Paper.editor.joined()));
        let statement = said(round, select(Writer).include((papers, Writer.card.joined())));
        tree(&statement.all(connection)?)
    }),
    ("joined include and one behind it", |connection, round| {
        let papers = Writer.papers.joined().then((Paper.topics, Paper.editor));
        let statement = said(round, select(Writer).include((papers, Writer.card)));
        tree(&statement.all(connection)?)
    }),
    ("a part", |connection, round| {
        let part = Writer.papers.limit(5).include(Paper.topics);
        let rows = said(round, select((Writer, part))).all(connection)?;
        let papers = rows.into_iter().flat_map(|(_, papers)| papers);
        let mut seen = Vec::new();
        for paper in papers {
            seen.push(paper.name);
            seen.extend(paper.topics.values()?.iter().map(|topic| topic.name.clone()));
        }
        Ok(seen)
    }),
    ("left join of links", |connection, round| {
        let statement = select((Paper.name, Topic.name.optional())).left_join(Paper.topics);
        let rows = said(round, statement).all(connection)?;
        Ok(rows.into_iter().flat_map(|(paper, topic)| [Some(paper), topic]).flatten().collect())
    }),
    ("update", |connection, round| {
        let written =
            said(round, select(Writer)).update(connection, Writer.name.set(Writer.name))?;
        Ok(more_than(2, i64::try_from(written).unwrap_or(i64::MAX)))
    }),
    ("delete", |connection, round| {
        let written = said(round, select(Card)).delete(connection)?;
        Ok(more_than(1, i64::try_from(written).unwrap_or(i64::MAX)))
    }),
];

fn tree(found: &[Writer]) -> Names {
    let mut seen = Vec::new();
    for writer in found {
        seen.push(writer.name.clone());
        seen.extend(writer.card.value()?.map(|card| card.name.clone()));
        for paper in writer.papers.values()? {
            seen.push(paper.name.clone());
            seen.extend(paper.topics.values()?.iter().map(|topic| topic.name.clone()));
            let editor = paper.editor.as_ref().and_then(|editor| editor.value().ok());
            seen.extend(editor.map(|editor| editor.name.clone()));
        }
    }
    Ok(seen)
}
