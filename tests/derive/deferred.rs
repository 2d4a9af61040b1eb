//! `Deferred`: metadata, arguments of `new`, what it is without a database.

use chrono::{DateTime, Utc};
use orm::prelude::*;
use std::mem::size_of;

#[derive(Model, Clone, Debug)]
struct Chapter {
    #[orm(primary_key)]
    id: Auto<i64>,
    text: Deferred<String>,
    number: Deferred<i32>,
    summary: Deferred<Option<String>>,
    #[orm(default = "none")]
    remark: Deferred<String>,
    #[orm(default = now)]
    written: Deferred<DateTime<Utc>>,
    #[orm(column = "last_page", index, default = 1)]
    last: Deferred<i64>,
    title: String,
}

#[test]
fn it_is_a_column_that_a_row_does_not_have() {
    let table = Chapter.table();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let all = ["id", "text", "number", "summary", "remark", "written", "last_page", "title"];
    assert_eq!(names, all);
    assert_eq!(table.read, [0, 7]);
    assert!(table.columns[1].is_deferred() && !table.columns[7].is_deferred());
    assert_eq!(table.columns[7].place, Some(1));
    assert!(table.columns[3].nullable && !table.columns[1].nullable);
}

#[test]
fn new_takes_and_fills_it() {
    let chapter = Chapter::new("text", 3, "title");
    assert_eq!(chapter.text.get().map(String::as_str), Ok("text"));
    assert_eq!(chapter.number.get(), Ok(&3));
    assert_eq!(chapter.summary.get(), Ok(&None));
    assert_eq!(chapter.remark.get().map(String::as_str), Ok("none"));
    assert_eq!(chapter.last.get(), Ok(&1));
    assert!(chapter.written.is_loaded());
    assert_eq!((chapter.title.as_str(), chapter.id.get()), ("title", None));
}

#[test]
fn values_go_in_and_out() {
    let mut text = Deferred::<Option<String>>::default();
    assert_eq!(format!("{text:?}"), "<not loaded>");
    assert!(text.get().is_err() && text.get_mut().is_err() && text.clone().into_value().is_err());
    text.set(None);
    assert_eq!(text.get(), Ok(&None));
    text = "a".into();
    assert_eq!(format!("{text:?}"), "Some(\"a\")");
    text = String::from("b").into();
    text = text.into_value().map(|value| value.map(|it| it + "c")).unwrap().into();
    *text.get_mut().unwrap() = text.get().unwrap().clone().map(|it| it + "d");
    assert_eq!(text.into_value(), Ok(Some("bcd".to_owned())));
    let mut number: Deferred<i64> = 3.into();
    number.set(4_i32);
    assert_eq!(number.get(), Ok(&4));
}

#[test]
fn it_needs_no_room_of_its_own() {
    assert_eq!(size_of::<Deferred<String>>(), size_of::<String>());
    assert_eq!(size_of::<Deferred<Vec<u8>>>(), size_of::<Vec<u8>>());
}

#[cfg(all(feature = "serde", feature = "json"))]
mod serial {
    use super::*;
    use serde_json::json;

    #[derive(Model, Clone, Debug)]
    #[orm(serde)]
    struct Report {
        #[orm(primary_key)]
        id: Auto<i64>,
        #[orm(default = "draft")]
        text: Deferred<String>,
        remark: Deferred<Option<String>>,
        title: String,
    }

    #[test]
    fn what_is_not_loaded_is_left_out() {
        let report = Report { text: "long".into(), ..Report::new("t") };
        let written = serde_json::to_value(&report).unwrap();
        assert_eq!(written, json!({ "text": "long", "remark": null, "title": "t" }));
        let report = Report { text: Deferred::default(), remark: Deferred::default(), ..report };
        assert_eq!(serde_json::to_value(&report).unwrap(), json!({ "title": "t" }));
    }

    #[test]
    fn what_is_absent_is_not_loaded() {
        let report: Report = serde_json::from_value(json!({ "id": 1, "title": "t" })).unwrap();
        let error = report.text.get().unwrap_err().to_string();
        assert!(error.starts_with("`Report.text` is not loaded"), "{error}");
        assert!(!report.remark.is_loaded());
        let json = json!({ "title": "t", "text": "x", "remark": null });
        let report: Report = serde_json::from_value(json).unwrap();
        assert_eq!(report.text.get().map(String::as_str), Ok("x"));
        assert_eq!(report.remark.get(), Ok(&None));
        let null = serde_json::from_value::<Report>(json!({ "title": "t", "text": null }));
        assert!(null.is_err());
    }
}
