//! A place that outlives the page.

use wasm_bindgen::JsValue;
use web_sys::{Storage, window};

use crate::js::words;

/// A text in the tab's `sessionStorage`: it is there until the tab is closed, also while its page is loaded again, and
/// no other tab sees it. (A tab that is duplicated takes a copy with it.)
///
/// With the feature `resume` a `StoredSession` keeps a client's session there.
///
/// Every script of the same origin can read it. It is no place for a password.
#[derive(Clone, Debug)]
pub struct Stored {
    key: String,
}

impl Stored {
    /// What is kept under this key.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into() }
    }

    /// The text; `None` where none was saved.
    pub fn load(&self) -> Result<Option<String>, StorageError> {
        storage()?.get_item(&self.key).map_err(refused)
    }

    /// The text, which is forgotten; `None` where none was saved.
    pub fn take(&self) -> Result<Option<String>, StorageError> {
        let text = self.load()?;
        self.clear()?;
        Ok(text)
    }

    /// Keeps this text in place of what was there, which stays where this does not fit.
    pub fn save(&self, text: &str) -> Result<(), StorageError> {
        storage()?.set_item(&self.key, text).map_err(refused)
    }

    /// Forgets the text.
    pub fn clear(&self) -> Result<(), StorageError> {
        storage()?.remove_item(&self.key).map_err(refused)
    }
}

fn storage() -> Result<Storage, StorageError> {
    let window = window().ok_or(StorageError::NoPage)?;
    window.session_storage().map_err(refused)?.ok_or(StorageError::NoPage)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn refused(error: JsValue) -> StorageError {
    StorageError::Refused(words(&error))
}

/// Why nothing can be kept, or found.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// Workers have no such storage.
    #[error("only pages have a sessionStorage")]
    NoPage,
    /// It is forbidden, or full: browsers keep some 5 million characters an origin.
    #[error("the browser keeps nothing: {0}")]
    Refused(String),
    /// What is there is not what was to be found there.
    #[error("what was kept cannot be read: {0}")]
    Unreadable(String),
}
