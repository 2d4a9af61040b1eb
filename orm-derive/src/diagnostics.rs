//! Mistakes, collected and told together; and the nearest known name to a mistyped one.
//!
//! A message says what, where and what to write instead: lower case, no final dot.

use proc_macro2::{Span, TokenStream};
use std::fmt::Display;
use syn::Error;

/// The mistakes found in one struct.
#[derive(Default)]
pub struct Diagnostics {
    errors: Vec<Error>,
}

impl Diagnostics {
    /// Adds a mistake at a place.
    pub fn error(&mut self, at: Span, message: impl Display) {
        self.errors.push(Error::new(at, message));
    }

    /// Adds a mistake that `syn` found.
    pub fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The last mistake alone, and the others.
    pub fn into_last(mut self) -> (Option<TokenStream>, TokenStream) {
        let last = self.errors.pop().map(|error| error.to_compile_error());
        (last, self.into_tokens())
    }

    /// One `compile_error!` per mistake.
    pub fn into_tokens(self) -> TokenStream {
        self.errors.iter().map(Error::to_compile_error).collect()
    }
}

/// `; did you mean …?` where a known name is near, else the known names.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let names: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    format!("known are {}", names.join(", "))
}

/// The name that was most likely meant.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().max(word.len()) / 3)
        .map(|(_, name)| name)
}

/// How many letters are to be added, left out, exchanged or swapped with the next.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let exchanged = last[j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut cost = exchanged.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                cost = cost.min(before_last[j - 2] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["primary_key", "unique", "index", "length"];

    #[test]
    fn a_mistyped_name_finds_the_one_meant() {
        assert_eq!(nearest("primry_key", KNOWN), Some("primary_key"));
        assert_eq!(nearest("uniqeu", KNOWN), Some("unique"));
        assert_eq!(nearest("lenght", KNOWN), Some("length"));
    }

    #[test]
    fn a_name_like_none_finds_none() {
        assert_eq!(nearest("back_populates", KNOWN), None);
        assert!(suggestion("back_populates", KNOWN).starts_with("known are `primary_key`"));
    }
}
