//! Enums over models: several structs whose rows are in one table, told apart by a column.
//!
//! Rules:
//! 1. The fields of the model are the discriminator, the shared fields, and those that one variant
//!    alone has, variant by variant. They are merged when the program is compiled.
//! 2. A column of one variant may be NULL in the table. CHECKs hold that it is NULL in rows of other
//!    variants, and is not where the variant's type says so.
//! 3. What is said of a shared field is said on the enum.

use super::table::{Check, Column, Table};
use super::{FieldMeta, FieldSpec, ModelMeta, names};
use crate::dialect::quoted;

/// A variant of a model that is an enum.
#[derive(Clone, Copy, Debug)]
pub struct VariantMeta {
    /// The variant's name in snake case: the entity's field for it.
    pub name: &'static str,
    /// The struct's name, for messages.
    pub model: &'static str,
    /// What the discriminator of its rows is.
    pub value: &'static str,
    /// The struct's fields.
    pub fields: &'static [FieldMeta],
}

/// The position of the discriminator among the fields of a model that has one.
pub const DISCRIMINATOR: usize = 0;

/// Where nothing is.
const NOWHERE: u16 = u16::MAX;

/// How many fields a model has whose first ones are `base`.
#[must_use]
pub const fn merged_len(base: &[FieldMeta], variants: &[&[FieldMeta]]) -> usize {
    let (mut len, mut variant) = (base.len(), 0);
    while variant < variants.len() {
        len += own_len(base, variants[variant]);
        variant += 1;
    }
    len
}

/// The fields of a model whose first ones are `base`; those of one variant know which.
#[must_use]
pub const fn merged<const N: usize>(
    base: &[FieldMeta],
    variants: &[&[FieldMeta]],
) -> [FieldMeta; N] {
    let mut fields = [base[0]; N];
    let mut next = 0;
    while next < base.len() {
        fields[next] = base[next];
        next += 1;
    }
    let mut variant = 0;
    while variant < variants.len() {
        let mut index = 0;
        while index < variants[variant].len() {
            let field = &variants[variant][index];
            if position(base, field.name).is_none() {
                #[allow(clippy::cast_possible_truncation)] // a model has fewer fields than that
                let of = Some(variant as u16);
                fields[next] = FieldMeta { variant: of, ..*field };
                next += 1;
            }
            index += 1;
        }
        variant += 1;
    }
    fields
}

/// Where the fields of a variant are among those of its model.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // a model has fewer fields than that
pub const fn places<const N: usize>(
    base: &[FieldMeta],
    variants: &[&[FieldMeta]],
    number: u16,
) -> [u16; N] {
    let mut places = [NOWHERE; N];
    if number as usize >= variants.len() || variants[number as usize].len() != N {
        return places; // told elsewhere: the struct is no variant of the enum
    }
    let (mut before, mut variant) = (base.len(), 0);
    while variant < number as usize {
        before += own_len(base, variants[variant]);
        variant += 1;
    }
    let mut index = 0;
    while index < N {
        places[index] = match position(base, variants[number as usize][index].name) {
            Some(shared) => shared as u16,
            None => {
                before += 1;
                before as u16 - 1
            }
        };
        index += 1;
    }
    places
}

const fn own_len(base: &[FieldMeta], fields: &[FieldMeta]) -> usize {
    let (mut len, mut index) = (0, 0);
    while index < fields.len() {
        if position(base, fields[index].name).is_none() {
            len += 1;
        }
        index += 1;
    }
    len
}

const fn position(fields: &[FieldMeta], name: &str) -> Option<usize> {
    let mut index = 0;
    while index < fields.len() {
        if same(fields[index].name, name) {
            return Some(index);
        }
        index += 1;
    }
    None
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

impl ModelMeta {
    /// The variants, of a model that is an enum.
    pub fn variants(&self) -> &'static [VariantMeta] {
        self.declared.variants
    }

    /// Whether a field says which variant a row is.
    pub fn discriminates(&self, field: usize) -> bool {
        field == DISCRIMINATOR && !self.variants().is_empty()
    }

    /// The only variant that has a field.
    pub fn variant_of(&self, field: usize) -> Option<&'static VariantMeta> {
        let variant = self.fields.get(field)?.variant?;
        self.variants().get(usize::from(variant))
    }
}

impl Column {
    /// Whether there may be a NULL in it: where NULL is allowed, and in rows of other variants.
    pub fn may_be_null(&self) -> bool {
        self.nullable || self.of_variant
    }
}

/// Adds the CHECKs of the second rule.
pub(super) fn add_checks(table: &mut Table) {
    let variants = table.model.variants();
    if variants.is_empty() {
        return;
    }
    let kind = &table.columns[DISCRIMINATOR].name;
    let values: Vec<String> = variants.iter().map(|variant| literal(variant.value)).collect();
    let mut checks = vec![Check {
        name: names::constraint("ck", &table.name, [kind.as_str()]),
        sql: format!("{} IN ({})", quoted(kind), values.join(", ")),
        column: Some(DISCRIMINATOR),
    }];
    for (number, variant) in variants.iter().enumerate() {
        let own: Vec<&Column> = table
            .columns
            .iter()
            .filter(|column| {
                table.model.fields[column.field].variant.map(usize::from) == Some(number)
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        let all = |columns: Vec<String>, or: &str| {
            if columns.is_empty() { or.to_owned() } else { columns.join(" AND ") }
        };
        let there = own.iter().filter(|column| !column.nullable);
        let there = there.map(|column| format!("{} IS NOT NULL", quoted(&column.name))).collect();
        let none = own.iter().map(|column| format!("{} IS NULL", quoted(&column.name))).collect();
        let (kind_is, always) = (format!("{} = {}", quoted(kind), literal(variant.value)), "1 = 1");
        checks.push(Check {
            name: names::constraint("ck", &table.name, [kind.as_str(), variant.name]),
            sql: format!(
                "CASE WHEN {kind_is} THEN {} ELSE {} END",
                all(there, always),
                all(none, always)
            ),
            column: None,
        });
    }
    table.checks.extend(checks);
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Tells what can't be in a variant, or is said in the wrong place.
pub(super) fn check(table: &'static Table, problems: &mut Vec<String>) {
    let model = table.model;
    for variant in model.variants() {
        for field in variant.fields {
            let Some(index) = model.field_index(field.name) else { continue };
            let place = format!("`{}.{}`", variant.model, field.name);
            let merged = &model.fields[index];
            if merged.variant.is_none() {
                if field.says_something() {
                    problems.push(format!(
                        "{place}: what is said of a field that each variant has is said in \
                         `shared(…)` of `{}`; leave it out here",
                        model.name
                    ));
                }
                continue;
            }
            let owner = model.variant_of(index).map_or(variant.model, |owner| owner.model);
            if owner != variant.model {
                problems.push(format!(
                    "{place}: `{owner}` has a field of that name too; put it into `shared(…)` of \
                     `{}` if each variant has it, or rename one",
                    model.name
                ));
                continue;
            }
            if let Some(why) = not_of_one(field) {
                problems.push(format!(
                    "{place}: {why} of one variant alone; put it into `shared(…)` of `{}`, and into \
                     each variant",
                    model.name
                ));
            }
        }
    }
}

/// What a field can't be where not each variant has it.
fn not_of_one(field: &FieldMeta) -> Option<&'static str> {
    match field.spec {
        FieldSpec::Collection { .. } => Some("a collection can't be"),
        FieldSpec::Column { auto: true, .. } => Some("a value that the database makes can't be"),
        _ if field.server_default.is_some() => Some("a `server_default` can't be"),
        FieldSpec::Column { .. } | FieldSpec::Reference { .. } | FieldSpec::Embedded { .. } => None,
    }
}

impl FieldMeta {
    /// Whether an attribute says something of its column.
    fn says_something(&self) -> bool {
        let FieldMeta {
            name: _,
            column,
            prefix,
            spec: _,
            variant: _,
            primary_key,
            unique,
            index,
            length,
            sql_type,
            server_default,
            computed,
            check,
            comment,
            on_delete,
            on_update_key,
            on_update,
            version,
            deferrable,
            system,
            triggered: _,    // as `server_default`, NULL then
            relationship: _, // refused by the derive
        } = self;
        let texts = [column, prefix, sql_type, server_default, computed, check, comment];
        texts.into_iter().any(Option::is_some)
            || index.is_some()
            || length.is_some()
            || [primary_key, unique, on_update, version, deferrable, system]
                .into_iter()
                .any(|said| *said)
            || *on_delete != super::ReferentialAction::NoAction
            || *on_update_key != super::ReferentialAction::NoAction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ColumnType;

    const fn field(name: &'static str) -> FieldMeta {
        let key = |_: crate::types::Cell<'_>| Ok(None);
        FieldMeta::of(name, FieldSpec::column(ColumnType::Text, false, key))
    }

    #[test]
    fn own_fields_stand_behind_shared_ones_variant_by_variant() {
        const BASE: &[FieldMeta] = &[field("kind"), field("id"), field("amount")];
        const CARD: &[FieldMeta] =
            &[field("number"), field("amount"), field("id"), field("holder")];
        const CASH: &[FieldMeta] = &[field("id"), field("amount")];
        const WIRE: &[FieldMeta] = &[field("id"), field("iban"), field("amount")];
        const ALL: &[&[FieldMeta]] = &[CARD, CASH, WIRE];
        let fields: [FieldMeta; merged_len(BASE, ALL)] = merged(BASE, ALL);
        let named: Vec<_> = fields.iter().map(|field| (field.name, field.variant)).collect();
        assert_eq!(
            named,
            [
                ("kind", None),
                ("id", None),
                ("amount", None),
                ("number", Some(0)),
                ("holder", Some(0)),
                ("iban", Some(2)),
            ]
        );
        assert_eq!(places::<4>(BASE, ALL, 0), [3, 2, 1, 4]);
        assert_eq!(places::<2>(BASE, ALL, 1), [1, 2]);
        assert_eq!(places::<3>(BASE, ALL, 2), [1, 5, 2]);
        assert_eq!(places::<3>(BASE, ALL, 7), [NOWHERE; 3], "no variant of it");
    }
}
