//! What a newtype of text can be given as beside itself: `&str`, of which nothing is asked.

use crate::statement::Node;
use crate::types::{DbType, Key, Value};

/// The expression of a text that stands for a `T`.
#[must_use]
pub fn text_node<T: DbType>(text: &str) -> Node {
    Node::Value { ty: T::TYPE, value: Value::Text(text.to_owned()) }
}

/// The key of a text that stands for a `T`.
#[must_use]
pub fn text_key(text: &str) -> Option<Key> {
    Some(Key::Text(text.into()))
}
