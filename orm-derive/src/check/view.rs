//! A view has a name, a key and columns: nothing of it is written, so nothing is said of writing.

use crate::ast::{Attributes, Field, Model};
use crate::diagnostics::Diagnostics;
use proc_macro2::Span;

const CONSTRAINT: &str = "which has no constraints and no indexes";
const WRITTEN: &str = "which is read and never written";

/// Checks a model of a view, and what only such a model says.
pub fn view(model: &Model, diagnostics: &mut Diagnostics) {
    let Some(view) = &model.view else {
        if let Some(query) = &model.query {
            let message = "`query` is the SELECT of a view; name that as well: `view = \"…\"`";
            diagnostics.error(query.at, message);
        }
        return;
    };
    if model.table.is_some() {
        let message = "a model is of a table or of a view; leave out `table` or `view`";
        diagnostics.error(view.at, message);
        return;
    }
    let said = &model.said;
    let mut refuse = |name: &str, at: Option<Span>, why: &str| refuse(diagnostics, name, at, why);
    let arguments = model.arguments.as_ref().map(|said| said.at);
    let constructor = model.constructor.as_ref().map(|said| said.at);
    refuse("unique", said.uniques.first().map(|unique| unique.at), CONSTRAINT);
    refuse("index", said.indexes.first().map(|index| index.at), CONSTRAINT);
    refuse("check", said.checks.first().map(|check| check.at), CONSTRAINT);
    refuse("foreign_key", said.foreign_keys.first().map(|key| key.at), CONSTRAINT);
    refuse("constructor", arguments.or(constructor), "whose objects are never new");
    for field in &model.fields {
        self::field(field, diagnostics);
    }
}

fn refuse(diagnostics: &mut Diagnostics, name: &str, at: Option<Span>, why: &str) {
    if let Some(at) = at {
        diagnostics.error(at, format!("`{name}` of a view, {why}; leave it out"));
    }
}

fn field(field: &Field, diagnostics: &mut Diagnostics) {
    let mut refuse = |name: &str, at: Option<Span>, why: &str| refuse(diagnostics, name, at, why);
    let Attributes {
        primary_key: _,
        unique,
        index,
        length,
        server_default,
        trigger: _,
        sql_type: _,
        computed,
        comment: _,
        check,
        column: _,
        embed: _,
        prefix: _,
        default,
        version,
        on_update,
        on_delete,
        on_update_key,
        back_populates: _,
        secondary,
        cascade: _,
        passive_deletes: _,
        order_by: _,
        view_only: _,
        filter: _,
        position: _,
    } = &field.attributes;
    if field.is_collection() {
        let link = "which has no link table";
        refuse("secondary", secondary.as_ref().map(|said| said.at), link);
        return; // the rest is told by `relationship`
    }
    refuse("default", default.as_ref().map(|said| said.at), WRITTEN);
    if field.is_embedded() {
        return; // the rest is told by `embed`
    }
    refuse("unique", unique.as_ref().map(|said| said.at), CONSTRAINT);
    refuse("index", index.as_ref().map(|said| said.at), CONSTRAINT);
    refuse("check", check.as_ref().map(|said| said.at), CONSTRAINT);
    refuse("length", length.as_ref().map(|said| said.at), CONSTRAINT);
    refuse("on_delete", on_delete.as_ref().map(|said| said.at), CONSTRAINT);
    refuse("on_update", on_update_key.as_ref().map(|said| said.at), CONSTRAINT);
    refuse("on_update", on_update.as_ref().map(|said| said.at), WRITTEN);
    refuse("server_default", server_default.as_ref().map(|said| said.at), WRITTEN);
    refuse("version", version.as_ref().map(|said| said.at), WRITTEN);
    refuse("computed", computed.as_ref().map(|said| said.at), WRITTEN);
}
